import { expect } from 'chai';
import type { LeaseStore } from '../../../bridge/cluster/ports.js';
import { Schedule, type Job } from '../../../bridge/jobs/schedule.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { until } from '../../support/until.js';

/** Leases of one process that remember what they were asked. */
class Leases implements LeaseStore {
  readonly calls: string[] = [];
  taken: [ttl: number, since: number] = [0, 0];

  constructor(private readonly away = false) {}

  take(_name: string, _processId: number, ttl: number, since: number): Promise<boolean> {
    this.calls.push('take');
    this.taken = [ttl, since];
    return Promise.resolve(true);
  }

  done(): Promise<void> {
    this.calls.push('done');
    return Promise.resolve();
  }

  failed(): Promise<void> {
    this.calls.push('failed');
    return this.away ? Promise.reject(new Error('away')) : Promise.resolve();
  }
}

describe('the schedule of jobs', () => {
  const events = createEvents(createLog('silent'), createMetrics({ processMetrics: false }));

  async function runOnce(leases: Leases, job: Partial<Job>): Promise<void> {
    const whole: Job = {
      ...{ name: 'job', does: 'nothing', expression: '* * * * * *', everySeconds: 1 },
      run: () => Promise.resolve({}),
      preview: () => Promise.resolve([]),
      ...job,
    };
    const schedule = new Schedule([whole], { leases, events, processId: 1, mayRun: () => true });
    schedule.start();
    await until(() => leases.calls.length > 1, 'a run');
    await schedule.stop();
  }

  it('gives the lease back when a job throws', async () => {
    const leases = new Leases();
    await runOnce(leases, { run: () => Promise.reject(new Error('no')) });
    expect(leases.calls.slice(0, 2)).to.deep.equal(['take', 'failed']);
  });

  it('goes on when the lease can’t be given back either', async () => {
    const leases = new Leases(true);
    await runOnce(leases, { run: () => Promise.reject(new Error('away')) });
    expect(leases.calls).to.include('failed');
  });

  const periods: [everySeconds: number, ttl: number, since: number][] = [
    [2, 30, 1],
    [60, 120, 30],
    [3_600, 600, 1_800],
  ];
  for (const [everySeconds, ttl, since] of periods) {
    it(`holds a lease that fits a job of every ${everySeconds} s, and lets the next tick through`, async () => {
      const leases = new Leases();
      await runOnce(leases, { everySeconds });
      expect(leases.calls.slice(0, 2)).to.deep.equal(['take', 'done']);
      expect(leases.taken).to.deep.equal([ttl, since]);
    });
  }

  it('begins no run while the one before is under way', async () => {
    const leases = new Leases();
    let [running, most] = [0, 0];
    await runOnce(leases, {
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 2_200));
        running -= 1;
        return {};
      },
    });
    expect(most).to.equal(1);
  });
});
