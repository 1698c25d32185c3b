import cron, { type ScheduledTask } from 'node-cron';
import type { LeaseStore } from '../cluster/ports.js';
import type { BusinessEvents } from '../observe/events.js';
import { describeError } from '../shared/errors.js';

export interface Job {
  name: string;
  /** When to look, as a cron expression with seconds. */
  expression: string;
  /** The work is done once in so many seconds over all processes that share the database. */
  everySeconds: number;
  /** @returns figures for the log */
  run: () => Promise<Record<string, unknown>>;
}

export interface ScheduleDeps {
  leases: LeaseStore;
  events: BusinessEvents;
  processId: number;
  mayRun: () => boolean;
}

/** A job that takes longer is taken over by another process; all jobs can be repeated. */
const LEASE_SECONDS = 600;

/** Runs jobs by the clock; each at one process at a time. */
export class Schedule {
  private readonly tasks: ScheduledTask[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly jobs: readonly Job[],
    private readonly deps: ScheduleDeps,
  ) {}

  start(): void {
    for (const job of this.jobs) {
      const look = (): void => {
        const work = this.runJob(job).finally(() => this.running.delete(work));
        this.running.add(work);
      };
      this.tasks.push(cron.schedule(job.expression, look, { name: job.name, noOverlap: true }));
    }
  }

  async stop(): Promise<void> {
    for (const task of this.tasks) await task.destroy();
    await Promise.all(this.running);
  }

  private async runJob(job: Job): Promise<void> {
    const { leases, events, processId, mayRun } = this.deps;
    if (!mayRun()) return;
    try {
      if (!(await leases.take(job.name, processId, LEASE_SECONDS, job.everySeconds))) return;
      const done = await job.run();
      await leases.done(job.name, processId);
      events.jobRan(job.name, { done });
    } catch (error) {
      events.jobRan(job.name, { failed: describeError(error) });
    }
  }
}
