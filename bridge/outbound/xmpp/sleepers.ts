import type { VisitorSession } from './visitor-session.js';

/** How often one is woken to see whether the server is back. */
const PROBE_MS = 1_000;

/**
 * Sessions that want to be online and have no connection. Each comes back by itself after its own back-off, which may be a minute: so that nobody waits that
 * long for a server that is back, one of them tries about each second, and once one got in the others follow. Those that the server refused for reasons of
 * their own keep their own pace.
 */
export class Sleepers {
  readonly #asleep = new Set<VisitorSession>();
  #probe: NodeJS.Timeout | undefined;

  /** @param mayProbe false while as many logins are under way as may be: one more would only wait in line. */
  constructor(private readonly mayProbe: () => boolean) {}

  get size(): number {
    return this.#asleep.size;
  }

  add(session: VisitorSession): void {
    this.#asleep.add(session);
    this.#probe ??= setInterval(() => this.#wakeOne(), PROBE_MS);
  }

  delete(session: VisitorSession): void {
    this.#asleep.delete(session);
    if (this.#asleep.size === 0) {
      this.close();
    }
  }

  /** The server was seen alive. Who failed a moment before stays asleep, and the next probe's success wakes it. */
  wakeAll(): void {
    for (const session of this.#asleep) {
      this.#wake(session);
    }
  }

  close(): void {
    clearInterval(this.#probe);
    this.#probe = undefined;
  }

  /** In turn, so that one that can't come back doesn't keep the others from being tried. */
  #wakeOne(): void {
    if (!this.mayProbe()) {
      return;
    }
    for (const session of this.#asleep) {
      if (this.#wake(session)) {
        return;
      }
    }
  }

  /** It counts as asleep again when it fails. */
  #wake(session: VisitorSession): boolean {
    const awake = session.wake();
    if (awake) {
      this.delete(session);
    }
    return awake;
  }
}
