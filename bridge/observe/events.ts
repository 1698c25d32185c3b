import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** One function for each thing worth a log line: it writes the line and counts it. */
export interface BusinessEvents {
  hookBatchReceived(results: readonly { id: string; status: string; code?: string }[]): void;
  hookEventFailed(id: string, reason: string): void;
  hookRefused(reason: string): void;
  entrySettled(target: string, result: string, count: number): void;
  entryDied(lane: string, kind: string, reason: string): void;
  laneWaits(lane: string, reason: string, seconds: number): void;
  jobRan(job: string, outcome: { done: Record<string, unknown> } | { failed: string }): void;
  dependencyLost(what: string, reason: string): void;
  dependencyBack(what: string): void;
}

export function createEvents(log: Logger, metrics: Metrics): BusinessEvents {
  return {
    hookBatchReceived(results) {
      for (const { id, status, code } of results) {
        metrics.hookEvents.inc({ status });
        if (status === 'rejected') log.warn({ event: id, code }, 'event of mod_foyer rejected');
      }
      log.debug({ events: results.length }, 'events received');
    },
    hookEventFailed: (id, reason) => log.error({ event: id, reason }, 'event of mod_foyer could not be handled'),
    hookRefused: (reason) => log.warn({ reason }, 'webhook refused'),
    entrySettled: (target, result, count) => metrics.delivered.inc({ target, result }, count),
    entryDied: (lane, kind, reason) => log.error({ lane, kind, reason }, 'outbox entry given up'),
    laneWaits: (lane, reason, seconds) => log.warn({ lane, reason, seconds }, 'delivery failed; will be tried again'),
    jobRan(job, outcome) {
      const failed = 'failed' in outcome;
      metrics.jobs.inc({ job, result: failed ? 'failed' : 'done' });
      if (failed) log.error({ job, reason: outcome.failed }, 'job failed');
      else log.debug({ job, ...outcome.done }, 'job done');
    },
    dependencyLost: (what, reason) => log.error({ what, reason }, 'not reachable; waiting for it'),
    dependencyBack: (what) => log.info({ what }, 'reachable'),
  };
}
