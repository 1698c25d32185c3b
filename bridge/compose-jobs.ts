import type { Core } from './compose.js';
import { Dispatcher } from './jobs/dispatcher.js';
import { allJobs } from './jobs/jobs.js';
import type { Job } from './jobs/schedule.js';
import { describeError } from './shared/errors.js';
import { createHostingStore } from './storage/hosting-store.js';
import { createUpkeep } from './storage/upkeep-store.js';

/** What happens by the clock, here or when a person asks for it. */
export function composeJobs(core: Core, dispatcher: Dispatcher = composeDispatcher(core)): Job[] {
  const { transactions, pool, settings } = core;
  return allJobs({
    ...{ transactions, upkeep: createUpkeep(pool), dispatcher },
    ...{ accountDays: settings.visitors.account_days, idleHours: settings.chats.idle_hours },
    hosting: createHostingStore(pool),
    eraseDays: settings.visitors.erase_after_days || null,
  });
}

export function composeDispatcher({ transactions, pool, events }: Core): Dispatcher {
  return new Dispatcher({
    transactions,
    upkeep: createUpkeep(pool),
    onError: (error) => events.jobRan('dispatch', { failed: describeError(error) }),
  });
}
