import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** One function for each thing worth a log line: it writes the line and counts it. */
export interface BusinessEvents {
  hookBatchReceived(results: readonly { id: string; status: string; code?: string }[]): void;
  hookEventFailed(id: string, reason: string): void;
  /** `clock`: how far the sender’s is from ours, where that is the reason. */
  hookRefused(reason: string, clock?: string): void;
  entrySettled(target: string, result: string, count: number): void;
  /** `chat`: the one that it is about, where it is about one. */
  entryDied(lane: string, kind: string, reason: string, chat: number | undefined): void;
  laneWaits(lane: string, reason: string, seconds: number, chat: number | undefined): void;
  jobRan(job: string, outcome: { done: Record<string, unknown> } | { failed: string }): void;
  dependencyLost(what: string, reason: string): void;
  dependencyBack(what: string): void;
  chatStarted(facts: ChatFacts): void;
  /** An operator wrote first. */
  chatInvited(facts: ChatFacts): void;
  chatAccepted(facts: ChatFacts): void;
  /** Its operator can't go on with it: it waits again. */
  chatReleased(facts: ChatFacts): void;
  chatClosed(facts: ChatFacts): void;
  /** The visitor left before anybody had taken it. */
  chatAbandoned(facts: ChatFacts): void;
  /** The visitor left without answering the invitation. */
  chatMissed(facts: ChatFacts): void;
  /** A room is in another state. */
  roomMoved(facts: { room: number; instance: number; state: string; reason: string }): void;
  visitorsTimedOut(visitors: number): void;
  /** A visitor has an operator; how long that took, and how long it was to take. */
  waitEnded(seconds: number, estimate: number): void;
  operatorOnline(operator: number): void;
  operatorOffline(operator: number): void;
}

/** What is said of a chat: ids and states, never a name or a text. */
export interface ChatFacts {
  chat: number;
  instance: number;
  /** What people call it, within its instance. */
  number: number;
  state: string;
  operator: number | null;
  closedBy: string | null;
}

export function createEvents(log: Logger, metrics: Metrics): BusinessEvents {
  const chat =
    (what: string, text: string) =>
    (facts: ChatFacts): void => {
      metrics.chats.inc({ what });
      log.info(facts, text);
    };
  return {
    hookBatchReceived(results) {
      for (const { id, status, code } of results) {
        metrics.hookEvents.inc({ status });
        if (status === 'rejected') log.warn({ event: id, code }, 'event of mod_foyer rejected');
      }
      log.debug({ events: results.length }, 'events received');
    },
    hookEventFailed: (id, reason) => log.error({ event: id, reason }, 'event of mod_foyer could not be handled'),
    hookRefused(reason, clock) {
      metrics.hooksRefused.inc({ reason });
      log.warn({ reason, clock }, 'webhook refused');
    },
    entrySettled: (target, result, count) => metrics.delivered.inc({ target, result }, count),
    entryDied: (lane, kind, reason, chat) => log.error({ lane, chat, kind, reason }, 'outbox entry given up'),
    laneWaits: (lane, reason, seconds, chat) =>
      log.warn({ lane, chat, reason, seconds }, 'delivery failed; will be tried again'),
    jobRan(job, outcome) {
      const failed = 'failed' in outcome;
      metrics.jobs.inc({ job, result: failed ? 'failed' : 'done' });
      if (failed) log.error({ job, reason: outcome.failed }, 'job failed');
      else log.debug({ job, ...outcome.done }, 'job done');
    },
    dependencyLost: (what, reason) => log.error({ what, reason }, 'not reachable; waiting for it'),
    dependencyBack: (what) => log.info({ what }, 'reachable'),
    chatStarted: chat('started', 'chat started'),
    chatInvited: chat('invited', 'visitor invited'),
    chatAccepted: chat('accepted', 'chat accepted'),
    chatReleased: chat('released', 'chat waits again'),
    chatClosed: chat('closed', 'chat closed'),
    chatAbandoned: chat('abandoned', 'chat abandoned'),
    chatMissed: chat('missed', 'invitation missed'),
    roomMoved(facts) {
      metrics.roomStates.inc({ state: facts.state });
      log.info(facts, 'room moved');
    },
    visitorsTimedOut: (visitors) => log.info({ visitors }, 'visitors timed out'),
    waitEnded: (seconds, estimate) =>
      metrics.waitEstimateError.observe(
        { real: seconds > estimate ? 'longer' : 'shorter' },
        Math.abs(seconds - estimate),
      ),
    operatorOnline: (operator) => log.info({ operator }, 'operator online'),
    operatorOffline: (operator) => log.info({ operator }, 'operator offline'),
  };
}
