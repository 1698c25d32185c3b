import type { Core } from '../compose.js';
import { composeJobs } from '../compose-jobs.js';
import type { Job } from '../jobs/schedule.js';
import { readLeases } from '../storage/lease-store.js';
import { command, JSON_OUT } from './command.js';
import { CliError } from './exit-codes.js';
import { printItems } from './output.js';
import { withCore } from './with-core.js';

export const jobsList = command({
  name: 'jobs',
  summary: 'Lists what the bridge does by the clock, with its period and when it was last done.',
  options: { json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const leases = new Map((await readLeases(core.pool)).map((lease) => [lease.name, lease]));
      const items = composeJobs(core).map(({ name, does, everySeconds }) => ({
        ...{ job: name, every_seconds: everySeconds, last_done: leases.get(name)?.lastDoneAt ?? null },
        ...{ running_at: leases.get(name)?.holder ?? null, does },
      }));
      printItems(call.io, items, { json: call.values.json, empty: '' });
    }),
});

export const jobsRun = command({
  name: 'jobs run',
  summary: 'Does a job now, as the running bridge does by itself.',
  details: 'May run beside the bridge. What it puts into the outbox is sent by the running bridge.',
  args: ['NAME'],
  options: {
    'dry-run': { type: 'boolean', text: 'only show what it would do' },
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const job = jobOf(core, call.args[0]);
      const items = call.values['dry-run'] === true ? await job.preview() : [await job.run()];
      printItems(call.io, items, { json: call.values.json, empty: 'There is nothing to do.' });
    }),
});

function jobOf(core: Core, name: string | undefined): Job {
  const jobs = composeJobs(core);
  const job = jobs.find((one) => one.name === name);
  if (!job) throw new CliError(`there is no job “${name}” (there are: ${jobs.map((one) => one.name).join(', ')})`);
  return job;
}
