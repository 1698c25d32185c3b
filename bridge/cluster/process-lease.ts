import type { ProcessStore } from './ports.js';
import type { BusinessEvents } from '../observe/events.js';
import type { Clock } from '../shared/clock.js';
import { Coalescer } from '../shared/coalescer.js';
import { describeError } from '../shared/errors.js';

/** A process that hasn't renewed for so long is dead: others take over what it had claimed. */
const TTL_SECONDS = 12;
const RENEW_MS = 3_000;
/** By its own clock a process counts itself out a little earlier than the others do. */
const SAFE_MS = (TTL_SECONDS - 2) * 1000;
/** Who waits for a confirmation at the same time shares it. */
const ASKERS_AT_ONCE = 10_000;

export interface ProcessLeaseDeps {
  /** Over connections that nothing else uses: a process under load must not lose its lease in a queue behind its own work. */
  store: ProcessStore;
  clock: Clock;
  events: BusinessEvents;
  /** Another process took this one for dead: it must begin anew. */
  onLost: () => void;
}

/**
 * This process's claim to be alive. Lanes and sessions hang on it, so that holding thousands of them costs one row's renewal. After a pause (a stopped
 * process, a machine that slept, a lost database) nothing may be served until it is renewed.
 */
export class ProcessLease {
  private number: number | null = null;
  /** When the last renewal that succeeded was asked for. The wall clock goes on while the machine sleeps; the other one can't be set. */
  private renewed = { monotonic: -Infinity, wall: -Infinity };
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | null = null;
  private lost = false;
  private readonly confirming: Coalescer<null, boolean>;

  constructor(private readonly deps: ProcessLeaseDeps) {
    this.confirming = new Coalescer(async (askers) => {
      const confirmed = await this.ask();
      return askers.map(() => confirmed);
    }, ASKERS_AT_ONCE);
  }

  /** @param replaces this process holds something that only one process of the name can have, such as the port */
  async take(name: string, replaces: boolean): Promise<void> {
    const asked = this.now();
    this.number = await this.deps.store.register(name, TTL_SECONDS, replaces);
    this.renewed = asked;
    this.timer = setInterval(() => void this.renewOnce(), RENEW_MS);
  }

  /** @throws before the lease is taken */
  get id(): number {
    if (this.number === null) throw new Error('this process has no lease yet');
    return this.number;
  }

  /** Whether what this process has claimed is certainly still its own. False before the lease is taken. */
  held(): boolean {
    const now = this.now();
    const age = Math.max(now.monotonic - this.renewed.monotonic, now.wall - this.renewed.wall);
    return !this.lost && age < SAFE_MS;
  }

  /**
   * The same by the database's word, for what can't be taken back. A machine whose clocks all stood still with it notices only this way that others have
   * taken over. False when the database doesn't answer.
   */
  confirm(): Promise<boolean> {
    return this.confirming.add(null);
  }

  /** Others may have its port from now on, and must not take it for dead: it has things to finish, and goes on renewing. */
  async end(): Promise<void> {
    if (this.number !== null && !this.lost) await this.deps.store.end(this.number);
  }

  /** Gives everything back. One that was lost has nothing any more. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    if (this.number === null) return;
    await this.renewing;
    // Whatever still runs here must not begin anything.
    const wasLost = this.lost;
    this.lost = true;
    if (!wasLost) await this.deps.store.release(this.number);
  }

  private now(): { monotonic: number; wall: number } {
    return { monotonic: this.deps.clock.monotonic(), wall: this.deps.clock.now().getTime() };
  }

  private async ask(): Promise<boolean> {
    if (this.number === null) return false;
    if (!this.held()) await this.renewOnce();
    if (!this.held()) return false;
    try {
      return (await this.deps.store.holds(this.number)) && this.held();
    } catch {
      return false;
    }
  }

  /** One at a time: renewals that pile up behind a database that hangs would only keep it busy when it is back. */
  private renewOnce(): Promise<void> {
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async renew(): Promise<void> {
    if (this.lost) return;
    const asked = this.now();
    try {
      if (await this.deps.store.renew(this.id, TTL_SECONDS)) {
        this.renewed = asked;
        return;
      }
    } catch (error) {
      this.deps.events.dependencyLost('database', describeError(error));
      return;
    }
    if (this.lost) return;
    this.lost = true;
    this.deps.onLost();
  }
}
