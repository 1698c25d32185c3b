import { StanzaRefusal } from './command-stanzas.js';

/** Questions of all senders that may be under way or wait, and of one. */
const AT_MOST = 64;
const OF_ONE_AT_MOST = 8;

/** Lets each sender have one question at a time, in their order, so that two of the same can't run beside each other. Bounded. */
export class Turns {
  readonly #last = new Map<string, { over: Promise<unknown>; waiting: number }>();
  #all = 0;

  /** Rejects as `resource-constraint` when too much waits. */
  take<T>(sender: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(sender);
    const waiting = (before?.waiting ?? 0) + 1;
    if (this.#all >= AT_MOST || waiting > OF_ONE_AT_MOST)
      return Promise.reject(new StanzaRefusal('resource-constraint', 'wait'));
    this.#all += 1;
    const turn = (before?.over ?? Promise.resolve()).then(work);
    const own = { over: turn.catch(() => undefined).then(() => this.#left(sender)), waiting };
    this.#last.set(sender, own);
    return turn;
  }

  #left(sender: string): void {
    this.#all -= 1;
    const current = this.#last.get(sender);
    if (!current) return;
    current.waiting -= 1;
    if (current.waiting === 0) this.#last.delete(sender);
  }
}
