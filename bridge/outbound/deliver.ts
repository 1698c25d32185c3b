import type { DueEntry, Outcome } from '../domain/outbox/entry.js';
import {
  chatOf,
  targetOf,
  type ClaimedLane,
  type GivenUp,
  type LaneStore,
  type Settlement,
  type Target,
} from '../domain/outbox/lane.js';
import { RETRY_PLANS, retryDelay } from '../domain/outbox/retry-delay.js';
import type { BusinessEvents } from '../observe/events.js';
import type { Metrics } from '../observe/metrics.js';
import type { Clock } from '../shared/clock.js';
import { describeError } from '../shared/errors.js';

export interface DeliveryDeps {
  target: Target;
  lanes: LaneStore;
  events: BusinessEvents;
  metrics: Metrics;
  clock: Clock;
  random: () => number;
  processId: number;
  /** Whether this process still holds its lease; when not, what it claimed may be with another one already. */
  mayServe: () => boolean;
  /** Carries the entries of one lane out, in order; one outcome each. */
  serve: (lane: ClaimedLane, entries: readonly DueEntry[]) => Promise<Outcome[]>;
  /** Writes down what it means that these are given up, before they leave the outbox; may be told of the same ones again. */
  givenUp?: (dead: readonly GivenUp[]) => Promise<void>;
  /** Lanes served at a time. */
  concurrency: number;
}

type Retry = Extract<Outcome, { result: 'retry' }>;

/** The net below the nudges: how long a lane may lie unnoticed. */
const POLL_MS = 1_000;
/** No success for so long, and failures meanwhile: the other side was away as a whole. */
const OUTAGE_MS = 3_000;
/** How often it is looked for lanes that are claimed in this process's name without its knowing. */
const STRAY_MS = 5_000;
/** After the database failed. */
const PAUSE_MS = 1_000;

/**
 * Moves what is due, lane by lane: each lane's entries in order, lanes beside each other. Nudged at every commit of this process, and polling for what others
 * left. An entry is forgotten only after it had its effect.
 */
export class Delivery {
  private readonly active = new Set<Promise<void>>();
  /** Lanes under way by name: whether something was added since their entries were read. */
  private readonly served = new Map<string, { more: boolean }>();
  private stopping = false;
  private nudged = false;
  private wakeUp: (() => void) | null = null;
  private loop: Promise<void> | null = null;
  private failing = false;
  private lookedAt = -Infinity;
  private lastSuccess = -Infinity;

  constructor(private readonly deps: DeliveryDeps) {}

  start(): void {
    this.loop = this.run();
  }

  /** There may be something to do: in these lanes, or in any. */
  nudge(lanes?: Iterable<string>): void {
    let free = lanes === undefined;
    for (const name of lanes ?? []) {
      if (targetOf(name) !== this.deps.target) continue;
      const served = this.served.get(name);
      if (served) served.more = true;
      else free = true;
    }
    if (!free) return;
    this.nudged = true;
    this.wakeUp?.();
  }

  /** Takes no more lanes and waits for those under way, at most so long. */
  async stop(milliseconds: number): Promise<void> {
    this.stopping = true;
    this.wakeUp?.();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([Promise.all([this.loop, ...this.active]), limit]);
    clearTimeout(timer);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.nudged = false;
      const room = this.deps.concurrency - this.active.size;
      const claimed = room > 0 && this.deps.mayServe() ? await this.claim(room) : 0;
      if (claimed === 0 || this.active.size >= this.deps.concurrency) await this.pause();
    }
  }

  private async claim(room: number): Promise<number> {
    const { lanes, target, processId, clock } = this.deps;
    try {
      // In turn with claiming, so that what is being claimed isn't taken for a stray.
      if (clock.monotonic() - this.lookedAt >= STRAY_MS) {
        await lanes.giveBack(target, processId, [...this.served.keys()]);
        this.lookedAt = clock.monotonic();
      }
      const claimed = await lanes.claim(target, processId, room);
      for (const lane of claimed) {
        const work = this.serveLane(lane).finally(() => {
          this.active.delete(work);
          if (this.active.size === this.deps.concurrency - 1) this.wakeUp?.();
        });
        this.active.add(work);
      }
      return claimed.length;
    } catch (error) {
      this.deps.events.dependencyLost('database', describeError(error));
      await this.sleep(PAUSE_MS);
      return 0;
    }
  }

  private async pause(): Promise<void> {
    if (this.nudged && this.active.size < this.deps.concurrency) return;
    await this.sleep(POLL_MS);
  }

  private async sleep(milliseconds: number): Promise<void> {
    if (this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = null;
  }

  private async serveLane(lane: ClaimedLane): Promise<void> {
    const served = { more: false };
    this.served.set(lane.name, served);
    try {
      while (await this.serveOnce(lane, served)) {
        if (this.stopping) return await this.deps.lanes.settle(nothingLeft({ ...lane, pushed: -1 }));
      }
    } catch (error) {
      // The database is away: the claim stays until it is back, and the lane is found again by this process's next start or its end.
      this.deps.events.dependencyLost('database', describeError(error));
      await this.giveBackLater(lane);
    } finally {
      this.served.delete(lane.name);
      // What came in between found the lane taken: it is due now, and nobody would look before the next poll.
      if (served.more) this.nudge();
    }
  }

  /** @returns whether there is more to do in the lane */
  private async serveOnce(lane: ClaimedLane, served: { more: boolean }): Promise<boolean> {
    served.more = false;
    const { entries, pushed, all } = await this.deps.lanes.entries(lane);
    // Not sure any more: another process may serve the lane. If none does, it is free again.
    if (!this.deps.mayServe()) {
      await this.giveBackLater(lane);
      return false;
    }
    const free = nothingLeft({ ...lane, pushed });
    let settlement = entries.length === 0 ? free : await this.serve(lane, entries);
    if (settlement.dead.length > 0) await this.deps.givenUp?.(settlement.dead);
    // The store compares how much was pushed, so that what others add at this moment isn't lost either.
    if (settlement.then.lane === 'keep' && all && !served.more)
      settlement = { ...free, done: settlement.done, dead: settlement.dead };
    await this.deps.lanes.settle(settlement);
    return settlement.then.lane === 'keep';
  }

  private async giveBackLater(lane: ClaimedLane): Promise<void> {
    while (!this.stopping) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      try {
        await this.deps.lanes.settle(nothingLeft({ ...lane, pushed: -1 }));
        this.nudge();
        return;
      } catch {
        continue;
      }
    }
  }

  private async serve(lane: ClaimedLane, entries: readonly DueEntry[]): Promise<Settlement> {
    const { serve, events, metrics, clock, target } = this.deps;
    let outcomes: Outcome[];
    try {
      outcomes = await serve(lane, entries);
    } catch (error) {
      outcomes = entries.map(() => ({ result: 'retry', reason: describeError(error) }));
    }
    const done: number[] = [];
    const unsent: number[] = [];
    const dead: GivenUp[] = [];
    let retry: (Retry & { chat: number | undefined }) | null = null;
    for (const [i, entry] of entries.entries()) {
      const outcome = this.ripen(entry, outcomes[i] ?? { result: 'retry', reason: 'no outcome' });
      if (outcome.result === 'done' && outcome.unsent === true) {
        unsent.push(entry.id);
      } else if (retry !== null) {
        // Nothing overtakes an entry that waits.
        continue;
      } else if (outcome.result === 'retry') {
        retry = { ...outcome, chat: chatOf(lane.name, entry.entry) };
      } else if (outcome.result === 'dead') {
        dead.push({ entry, reason: outcome.reason, refusal: outcome.refusal });
        events.entryDied(lane.name, entry.entry.kind, outcome.reason, chatOf(lane.name, entry.entry));
      } else {
        done.push(entry.id);
        metrics.deliverySeconds.observe({ target }, (clock.now().getTime() - entry.createdAt.getTime()) / 1000);
      }
    }
    if (done.length > 0) events.entrySettled(target, 'done', done.length);
    if (dead.length > 0) events.entrySettled(target, 'dead', dead.length);
    if (retry === null) {
      await this.recovered(lane);
      return { lane, done: [...done, ...unsent], dead, then: { lane: 'keep' } };
    }
    const attempts = done.length + dead.length > 0 ? 1 : lane.attempts + 1;
    return { lane, done: [...done, ...unsent], dead, then: this.wait(lane, attempts, retry) };
  }

  private wait(lane: ClaimedLane, attempts: number, retry: Retry & { chat: number | undefined }): Settlement['then'] {
    this.failing = true;
    const milliseconds = retry.afterMs ?? retryDelay(RETRY_PLANS[this.deps.target], attempts, this.deps.random());
    this.deps.events.entrySettled(this.deps.target, 'retry', 1);
    this.deps.events.laneWaits(lane.name, retry.reason, Math.round(milliseconds / 1000), retry.chat);
    return { lane: 'wait', milliseconds, attempts, reason: retry.reason };
  }

  /** An entry that has been tried for too long is given up. */
  private ripen(entry: DueEntry, outcome: Outcome): Outcome {
    const age = this.deps.clock.now().getTime() - entry.createdAt.getTime();
    if (outcome.result === 'retry' && age > RETRY_PLANS[this.deps.target].giveUpAfterMs)
      return { result: 'dead', reason: outcome.reason };
    return outcome;
  }

  /**
   * The first success after a time without any: whoever waits for a retry needn't. While some lanes fail and others don't, the failing ones keep their own
   * pace: a success elsewhere says nothing about them.
   */
  private async recovered(lane: ClaimedLane): Promise<void> {
    const now = this.deps.clock.monotonic();
    const wasOut = this.failing && now - this.lastSuccess > OUTAGE_MS;
    this.lastSuccess = now;
    if (!wasOut) return;
    this.failing = false;
    await this.deps.lanes.hurry(this.deps.target, this.deps.target === 'helpdesk' ? lane.instanceId : null);
    this.nudge();
  }
}

function nothingLeft(lane: ClaimedLane): Settlement {
  return { lane, done: [], dead: [], then: { lane: 'free' } };
}
