/** How far what the server acknowledged may be behind on its way to the operator's connection. */
const ON_ITS_WAY_MS = 5_000;
/** A server that stays away this long isn't worth a session of its own for this. */
const UNSURE_MS = 600_000;

/**
 * Stanzas that the server acknowledged a moment ago. It does so when it has routed them; when it is killed then, those that
 * hadn't reached the operator's connection yet are lost. After a connection that ended by itself they are sent once more, and
 * mod_foyer drops those that did arrive. Times are in milliseconds of a clock that never runs backwards.
 */
export class RecentlyAcknowledged {
  #recent: { xml: string; at: number }[] = [];
  #unsure: string[] = [];
  #lostAt = 0;

  add(xml: string, now: number): void {
    this.forgetOld(now);
    this.#recent.push({ xml, at: now });
  }

  forgetOld(now: number): void {
    const firstRecent = this.#recent.findIndex(({ at }) => now - at < ON_ITS_WAY_MS);
    if (firstRecent !== 0) {
      this.#recent.splice(0, firstRecent === -1 ? this.#recent.length : firstRecent);
    }
  }

  /** The connection ended by itself: whether what was acknowledged of late has arrived isn't sure. */
  connectionLost(now: number): void {
    this.forgetOld(now);
    this.#unsure.push(...this.#recent.splice(0).map(({ xml }) => xml));
    this.#lostAt = now;
  }

  hasUnsure(now: number): boolean {
    if (now - this.#lostAt > UNSURE_MS) {
      this.#unsure = [];
    }
    return this.#unsure.length > 0;
  }

  /** What to send once more, in its order. */
  takeUnsure(): string[] {
    return this.#unsure.splice(0);
  }

  /** It couldn't be sent this time either. */
  addUnsure(xml: string): void {
    this.#unsure.push(xml);
  }
}
