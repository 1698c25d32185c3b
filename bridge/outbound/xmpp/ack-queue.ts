interface Sent {
  resolve(): void;
  reject(error: Error): void;
}

/** XEP-0198 counts stanzas modulo 2^32. */
export const COUNTER_SIZE = 2 ** 32;

/** The stanzas that the server hasn't acknowledged yet, in the order in which they were sent (XEP-0198). */
export class AckQueue {
  #unacknowledged: (Sent | null)[] = [];
  #acknowledged = 0;
  #whenEmpty: (() => void)[] = [];

  get length(): number {
    return this.#unacknowledged.length;
  }

  /** Resolves when the server says that it handled the stanza that is being sent now. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => this.#unacknowledged.push({ resolve, reject }));
  }

  /** Counts a stanza that nobody waits for, such as the answer to an IQ. */
  count(): void {
    this.#unacknowledged.push(null);
  }

  /** `handled` is the `h` of an `<a/>`: how many stanzas of this stream the server has handled. */
  acknowledge(handled: number): void {
    const fresh = (handled - this.#acknowledged + COUNTER_SIZE) % COUNTER_SIZE;
    if (!Number.isInteger(fresh) || fresh > this.#unacknowledged.length) {
      return;
    }
    this.#acknowledged = handled;
    for (const sent of this.#unacknowledged.splice(0, fresh)) {
      sent?.resolve();
    }
    this.#tellEmpty();
  }

  /** The stream is over: nothing more is acknowledged. */
  fail(error: Error): void {
    for (const sent of this.#unacknowledged.splice(0)) {
      sent?.reject(error);
    }
    this.#tellEmpty();
  }

  /** Resolves once nothing is unacknowledged, be it that all was acknowledged or that it failed. */
  async empty(): Promise<void> {
    if (this.#unacknowledged.length > 0) {
      await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    }
  }

  #tellEmpty(): void {
    if (this.#unacknowledged.length === 0 && this.#whenEmpty.length > 0) {
      for (const resolve of this.#whenEmpty.splice(0)) {
        resolve();
      }
    }
  }
}
