import type { ProcessStore } from './ports.js';
import type { BusinessEvents } from '../observe/events.js';
import type { Clock } from '../shared/clock.js';
import { describeError } from '../shared/errors.js';

/** A process that hasn't renewed for so long is dead: others take over what it had claimed. */
const TTL_SECONDS = 12;
const RENEW_MS = 3_000;
/** By its own clock a process counts itself out a little earlier than the others do. */
const SAFE_MS = (TTL_SECONDS - 2) * 1000;

/**
 * This process's claim to be alive. Lanes and sessions hang on it, so that holding thousands of them costs one row's renewal. After a pause (a stopped
 * process, a lost database) nothing may be served until it is renewed.
 */
export class ProcessLease {
  private renewedAt: number;
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> = Promise.resolve();
  private lost = false;

  private constructor(
    private readonly store: ProcessStore,
    private readonly clock: Clock,
    private readonly events: BusinessEvents,
    private readonly onLost: () => void,
    readonly id: number,
  ) {
    this.renewedAt = clock.monotonic();
  }

  /** @param onLost another process took this one for dead: it must begin anew. */
  static async take(options: {
    store: ProcessStore;
    clock: Clock;
    events: BusinessEvents;
    name: string;
    /** This process holds something that only one process of the name can have, such as the port. */
    replaces: boolean;
    onLost: () => void;
  }): Promise<ProcessLease> {
    const { store, clock, events, onLost } = options;
    const id = await store.register(options.name, TTL_SECONDS, options.replaces);
    const lease = new ProcessLease(store, clock, events, onLost, id);
    lease.timer = setInterval(() => {
      lease.renewing = lease.renew();
    }, RENEW_MS);
    return lease;
  }

  /** Whether what this process has claimed is certainly still its own. */
  held(): boolean {
    return !this.lost && this.clock.monotonic() - this.renewedAt < SAFE_MS;
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await this.store.release(this.id);
  }

  private async renew(): Promise<void> {
    const asked = this.clock.monotonic();
    try {
      if (await this.store.renew(this.id, TTL_SECONDS)) {
        this.renewedAt = asked;
        return;
      }
    } catch (error) {
      this.events.dependencyLost('database', describeError(error));
      return;
    }
    if (this.lost) return;
    this.lost = true;
    this.onLost();
  }
}
