import cron, { type ScheduledTask } from 'node-cron';
import type { LeaseStore } from '../cluster/ports.js';
import type { BusinessEvents } from '../observe/events.js';
import { describeError } from '../shared/errors.js';

export interface Job {
  name: string;
  /** For people. */
  does: string;
  /** When to look, as a cron expression with seconds. */
  expression: string;
  /** The same in seconds: the work is done once a period over all processes that share the database. */
  everySeconds: number;
  /** @returns figures for the log */
  run: () => Promise<Record<string, number>>;
  /** What a run would do now, and changes nothing: one item of figures, or one for each thing that it would change. */
  preview: () => Promise<readonly Readonly<Record<string, string | number>>[]>;
}

export interface ScheduleDeps {
  leases: LeaseStore;
  events: BusinessEvents;
  processId: number;
  mayRun: () => boolean;
}

/**
 * A job that takes longer is taken over by another process; all jobs can be repeated. Short for one that comes often: where the database goes away under
 * it, its lease can't be given back either, and shuts everybody out until it ends.
 */
function leaseSeconds({ everySeconds }: Job): number {
  return Math.min(600, Math.max(30, 2 * everySeconds));
}

/** Part of a period after which a run counts as one of the next: ticks are never quite a period apart, nor do all clocks agree. */
const NEXT_PERIOD = 0.5;

const nothing = (): void => undefined;
const SILENT = { info: nothing, warn: nothing, error: nothing, debug: nothing };

/** Runs jobs by the clock; each at one process at a time. */
export class Schedule {
  private readonly tasks: ScheduledTask[] = [];
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly jobs: readonly Job[],
    private readonly deps: ScheduleDeps,
  ) {}

  start(): void {
    for (const job of this.jobs) {
      const look = (): void => {
        if (this.running.has(job.name)) return;
        this.running.set(
          job.name,
          this.runJob(job).finally(() => this.running.delete(job.name)),
        );
      };
      // What node-cron says by itself isn't JSON, and would stand in the middle of the log.
      this.tasks.push(cron.schedule(job.expression, look, { name: job.name, logger: SILENT }));
    }
  }

  async stop(): Promise<void> {
    for (const task of this.tasks) await task.destroy();
    await Promise.all(this.running.values());
  }

  private async runJob(job: Job): Promise<void> {
    const { leases, events, processId, mayRun } = this.deps;
    if (!mayRun()) return;
    let taken = false;
    try {
      taken = await leases.take(job.name, processId, leaseSeconds(job), job.everySeconds * NEXT_PERIOD);
      if (!taken) return;
      const done = await job.run();
      await leases.done(job.name, processId);
      events.jobRan(job.name, { done });
    } catch (error) {
      events.jobRan(job.name, { failed: describeError(error) });
      // Fails where the database is away; then the lease ends by itself.
      if (taken) await leases.failed(job.name, processId).catch(() => undefined);
    }
  }
}
