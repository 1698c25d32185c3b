import { SNAPSHOT, TYPING } from '../../domain/helpdesk-events.js';
import type { CallbackTarget, CallbackTargets, CallbackTest } from '../../domain/instances/callback.js';
import type { DueEntry, Outcome } from '../../domain/outbox/entry.js';
import type { ClaimedLane } from '../../domain/outbox/lane.js';
import { webhookId } from '../../domain/outbox/webhook-id.js';
import type { Clock } from '../../shared/clock.js';
import type { Ids } from '../../shared/ids.js';
import { CallbackClient, type CallbackClientOptions } from './callback-client.js';
import { outcomeOf, outcomeOfError } from './outcome.js';

export interface HelpdeskCourierDeps extends CallbackClientOptions {
  targets: CallbackTargets;
  clock: Clock;
  ids: Ids;
}

/** Typing that is told this late only confuses. */
const TYPING_MS = 10_000;

/** Brings callbacks to helpdesks: one signed POST an entry, a lane's entries one after the other. */
export class HelpdeskCourier {
  private readonly client: CallbackClient;

  constructor(private readonly deps: HelpdeskCourierDeps) {
    this.client = new CallbackClient(deps);
  }

  /**
   * Stops at the first entry that must be tried again: those behind it wait, or they would overtake it. Only a snapshot that a newer one follows doesn't:
   * it is done without being sent, so that they don't pile up while the helpdesk is away. Nor does typing, which is tried once, while it is news.
   */
  async serve(lane: ClaimedLane, entries: readonly DueEntry[]): Promise<Outcome[]> {
    const target = await this.deps.targets.get(lane.instanceId);
    const outcomes: Outcome[] = [];
    const newest = entries.findLast(isSnapshot);
    let waits = false;
    for (const due of entries) {
      if ((isSnapshot(due) && due !== newest) || (isTyping(due) && (waits || !this.isNews(due, entries))))
        outcomes.push({ result: 'done', unsent: true });
      else if (isTyping(due)) {
        const { result } = await this.deliver(target, due);
        outcomes.push(result === 'done' ? { result } : { result: 'done', unsent: true });
      } else if (waits) outcomes.push({ result: 'retry', reason: 'waits for an earlier one' });
      else {
        const outcome = await this.deliver(target, due);
        waits = outcome.result === 'retry';
        outcomes.push(outcome);
      }
    }
    return outcomes;
  }

  /** Sends a callback of the type `callback.test` now, past the lanes. */
  async test(instanceId: number): Promise<CallbackTest> {
    const target = await this.deps.targets.get(instanceId);
    if (!target || target.url === null)
      return { delivered: false, status: null, reason: 'no callback address', milliseconds: 0 };
    const { clock, ids } = this.deps;
    const started = clock.monotonic();
    const took = () => Math.round(clock.monotonic() - started);
    const body = {
      type: 'callback.test',
      timestamp: clock.now().toISOString(),
      instance: target.instanceName,
      data: {},
    };
    try {
      const answer = await this.client.post({
        url: target.url,
        secrets: target.secrets,
        id: `foyer_test_${ids.ulid()}`,
        body,
      });
      const outcome = outcomeOf(answer, clock.now());
      const reason = outcome.result === 'done' ? '' : outcome.reason;
      return { delivered: outcome.result === 'done', status: answer.status, reason, milliseconds: took() };
    } catch (error) {
      const outcome = outcomeOfError(error);
      return {
        delivered: false,
        status: null,
        reason: outcome.result === 'done' ? '' : outcome.reason,
        milliseconds: took(),
      };
    }
  }

  close(): void {
    this.client.close();
  }

  private isNews(due: DueEntry, entries: readonly DueEntry[]): boolean {
    const age = this.deps.clock.now().getTime() - due.createdAt.getTime();
    return age <= TYPING_MS && entries.findLast(isTyping) === due;
  }

  private async deliver(target: CallbackTarget | undefined, due: DueEntry): Promise<Outcome> {
    if (due.entry.kind !== 'helpdesk.callback') return { result: 'dead', reason: 'not a callback' };
    if (!target || target.url === null) return { result: 'dead', reason: 'no callback address' };
    const { type, data, at } = due.entry;
    const body = { type, timestamp: at, instance: target.instanceName, data };
    try {
      const answer = await this.client.post({
        url: target.url,
        secrets: target.secrets,
        id: webhookId(due, due.entry),
        body,
      });
      return outcomeOf(answer, this.deps.clock.now());
    } catch (error) {
      return outcomeOfError(error);
    }
  }
}

function isTyping({ entry }: DueEntry): boolean {
  return entry.kind === 'helpdesk.callback' && entry.type === TYPING;
}

function isSnapshot({ entry }: DueEntry): boolean {
  return entry.kind === 'helpdesk.callback' && entry.type === SNAPSHOT;
}
