import { expireAccounts } from '../domain/accounts/expire-accounts.js';
import { closeIdleChats } from '../domain/chats/close-idle.js';
import { markSilentOperators } from '../domain/operators/mark-silent.js';
import type { Transactions } from '../domain/ports.js';
import type { Upkeep } from '../domain/upkeep.js';
import { timeOutVisitors } from '../domain/visitors/time-out.js';
import type { Job } from './schedule.js';

export interface JobDeps {
  transactions: Transactions;
  upkeep: Upkeep;
  accountDays: number;
  idleHours: number;
}

/** Pages come back with a cursor for so long after a chat is over. */
const FEED_DAYS = 3;
/** Longer than mod_foyer or a helpdesk goes on sending the same thing. */
const RECEIPT_DAYS = 14;
const REJECTED_DAYS = 90;

/** Everything that happens by the clock. */
export function allJobs({ transactions, upkeep, accountDays, idleHours }: JobDeps): Job[] {
  return [
    {
      name: 'time-out-visitors',
      expression: '*/2 * * * * *',
      everySeconds: 2,
      run: async () => ({ visitors: await untilNone(() => transactions.alone(timeOutVisitors)) }),
    },
    {
      name: 'close-idle-chats',
      expression: '0 */5 * * * *',
      everySeconds: 300,
      run: async () => ({ chats: await untilNone(() => closeIdleChats(upkeep, transactions, idleHours)) }),
    },
    {
      name: 'expire-accounts',
      expression: '30 */5 * * * *',
      everySeconds: 300,
      run: async () => ({ accounts: await untilNone(() => expireAccounts(upkeep, transactions, accountDays)) }),
    },
    {
      name: 'mark-silent-operators',
      expression: '15 * * * * *',
      everySeconds: 60,
      run: async () => ({ operators: await markSilentOperators(upkeep, transactions) }),
    },
    {
      name: 'purge',
      expression: '45 17 * * * *',
      everySeconds: 3600,
      run: async () => ({
        feed: await upkeep.purgeFeed(FEED_DAYS),
        receipts: await upkeep.purgeReceipts(RECEIPT_DAYS),
        rejected: await upkeep.purgeRejected(REJECTED_DAYS),
        lanes: await upkeep.purgeLanes(),
      }),
    },
  ];
}

/** Batches of one run at most: the next run goes on. */
const BATCHES = 50;

async function untilNone(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let i = 0; i < BATCHES; i += 1) {
    const count = await batch();
    if (count === 0) break;
    total += count;
  }
  return total;
}
