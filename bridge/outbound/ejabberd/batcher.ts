export interface BatcherOptions {
  /** Items in one batch at most. */
  size: number;
  /** Milliseconds that an item waits at most while another batch is under way. */
  waitMs: number;
}

interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Joins calls that come at the same time into one. A batch leaves at once when none is under way (at the end of the
 * present turn of the event loop, so that calls made together go together), when it is full, or after `waitMs`.
 */
export class Batcher<T> {
  #waiting: Waiting<T>[] = [];
  #underWay = 0;
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `run` answers one error or null for each item, in the items' order; when it throws, that is the error of all. */
  constructor(
    private readonly run: (items: T[]) => Promise<(Error | null)[]>,
    private readonly options: BatcherOptions,
  ) {}

  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#waiting.length >= this.options.size) {
      this.#leave();
    } else if (this.#underWay === 0) {
      this.#turn ??= setImmediate(() => this.#leave());
    } else {
      this.#timer ??= setTimeout(() => this.#leave(), this.options.waitMs);
    }
  }

  #leave(): void {
    clearImmediate(this.#turn);
    clearTimeout(this.#timer);
    this.#turn = undefined;
    this.#timer = undefined;
    const batch = this.#waiting.splice(0, this.options.size);
    if (batch.length > 0) {
      this.#underWay += 1;
      void this.#send(batch);
    }
  }

  async #send(batch: Waiting<T>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, i) => {
        const error = results[i];
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      });
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    } finally {
      this.#underWay -= 1;
      if (this.#waiting.length > 0) {
        this.#leave();
      }
    }
  }
}
