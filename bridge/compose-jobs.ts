import type { Core } from './compose.js';
import { allJobs } from './jobs/jobs.js';
import type { Job } from './jobs/schedule.js';
import { createUpkeep } from './storage/upkeep-store.js';

/** What happens by the clock, here or when a person asks for it. */
export function composeJobs({ transactions, pool, settings }: Core): Job[] {
  return allJobs({
    ...{ transactions, upkeep: createUpkeep(pool) },
    ...{ accountDays: settings.visitors.account_days, idleHours: settings.chats.idle_hours },
  });
}
