import { bareJid } from '../domain/accounts/account.js';
import { returnAccounts } from '../domain/accounts/return-accounts.js';
import { expireAccounts } from '../domain/accounts/expire-accounts.js';
import { remindSilent } from '../domain/chats/remind.js';
import { closeIdleChats } from '../domain/chats/close-idle.js';
import { markSilentOperators, SILENT_SECONDS } from '../domain/operators/mark-silent.js';
import type { HostingStore } from '../domain/instances/hosting.js';
import { settleInstances } from '../domain/instances/settle-instances.js';
import type { Transactions } from '../domain/ports.js';
import { keepRooms } from '../domain/rooms/keep-rooms.js';
import type { RoomReads, RoomServer } from '../domain/rooms/reads.js';
import { syncRooms, type Agreement } from '../domain/rooms/sync-rooms.js';
import type { Leftover, Upkeep } from '../domain/upkeep.js';
import { eraseOldVisitors } from '../domain/visitors/erase-visitor.js';
import { timeOutVisitors } from '../domain/visitors/time-out.js';
import type { Dispatcher } from './dispatcher.js';
import type { Job } from './schedule.js';

export interface JobDeps {
  transactions: Transactions;
  upkeep: Upkeep;
  accountDays: number;
  idleHours: number;
  dispatcher: Pick<Dispatcher, 'poll'>;
  rooms: RoomReads;
  /** By ejabberd's virtual host. */
  roomServers: ReadonlyMap<string, RoomServer>;
  hosting: HostingStore;
  /** Null: visitors are kept for good where their instance doesn't say otherwise. */
  eraseDays: number | null;
}

/** Days that each kind is kept. */
const KEPT: Record<Leftover, number> = {
  // Pages come back with a cursor for so long after a chat is over.
  feed: 3,
  // Longer than mod_foyer or a helpdesk goes on sending the same thing.
  receipts: 14,
  rejected: 90,
  mails: 90,
  reminders: 3,
  lanes: 0,
  sessions: 0,
  bans: 0,
  // Later reports of the same client are told from older ones by it.
  occupants: 3,
};

/** Things that a preview names at most. */
const SHOWN_AT_MOST = 100_000;

/** Everything that happens by the clock. */
export function allJobs(deps: JobDeps): Job[] {
  const { transactions, upkeep, accountDays, idleHours, eraseDays, dispatcher } = deps;
  return [
    {
      name: 'time-out-visitors',
      does: 'takes visitors offline whose hard timeout is over',
      expression: '*/2 * * * * *',
      everySeconds: 2,
      run: async () => ({ visitors: await untilNone(() => transactions.alone(timeOutVisitors)) }),
      preview: async () => (await upkeep.timedOutVisitors(SHOWN_AT_MOST)).map((visitor) => ({ visitor })),
    },
    {
      name: 'dispatch',
      does: 'gives waiting chats to operators who are free, and takes them from those who are gone',
      expression: '* * * * * *',
      everySeconds: 1,
      run: async () => ({ departments: await dispatcher.poll() }),
      preview: async () => (await upkeep.busyDepartments()).map(({ id }) => ({ department: id })),
    },
    ...roomJobs(deps),
    {
      name: 'return-accounts',
      does: 'frees accounts of pools whose chats are over, and gives free ones to chats that wait for one',
      expression: '*/2 * * * * *',
      everySeconds: 2,
      run: () => returnAccounts(upkeep, transactions),
      preview: async () => [
        ...(await upkeep.endedLeases(SHOWN_AT_MOST)).map(({ accountId }) => ({ account: accountId })),
        ...(await upkeep.chatsWithoutContact(SHOWN_AT_MOST)).map(({ chatId }) => ({ chat: chatId })),
      ],
    },
    {
      name: 'remind',
      does: 'reminds visitors and operators of words that wait for an answer, and gives chats back that get none',
      expression: '*/5 * * * * *',
      everySeconds: 5,
      run: async () => ({ chats: await untilNone(() => remindSilent(upkeep, transactions)) }),
      preview: async () => (await upkeep.silences(SHOWN_AT_MOST)).map(({ chatId, step }) => ({ chat: chatId, step })),
    },
    {
      name: 'close-idle-chats',
      does: `closes chats in which nobody wrote for ${idleHours} hours`,
      expression: '0 */5 * * * *',
      everySeconds: 300,
      run: async () => ({ chats: await untilNone(() => closeIdleChats(upkeep, transactions, idleHours)) }),
      preview: async () => (await upkeep.idleChats(idleHours, SHOWN_AT_MOST)).map(({ id }) => ({ chat: id })),
    },
    {
      name: 'expire-accounts',
      does: `removes XMPP accounts that nobody used for ${accountDays} days`,
      expression: '30 */5 * * * *',
      everySeconds: 300,
      run: async () => ({ accounts: await untilNone(() => expireAccounts(upkeep, transactions, accountDays)) }),
      preview: async () =>
        (await upkeep.expiredAccounts(accountDays, SHOWN_AT_MOST)).map((account) => ({
          ...{ account: account.id, jid: bareJid(account) },
        })),
    },
    {
      name: 'mark-silent-operators',
      does: 'takes operators for offline of whom mod_foyer says nothing any more',
      expression: '15 * * * * *',
      everySeconds: 60,
      run: async () => ({ operators: await markSilentOperators(upkeep, transactions) }),
      preview: async () =>
        (await upkeep.stalePresence(SILENT_SECONDS, SHOWN_AT_MOST)).map((operator) => ({ operator })),
    },
    eraseOld(deps, eraseDays),
    hostingJob(deps),
    {
      name: 'purge',
      does: 'deletes feed events, receipts, rejected events, counts of mails and reminders, lanes, sessions, bans and occupants of rooms that are of no use any more',
      expression: '45 17 * * * *',
      everySeconds: 3600,
      run: () => forEachKind((what) => upkeep.purge(what, KEPT[what])),
      preview: async () => [await forEachKind((what) => upkeep.leftOver(what, KEPT[what]))],
    },
  ];
}

function roomJobs(deps: JobDeps): Job[] {
  const { transactions, rooms, roomServers } = deps;
  return [
    {
      name: 'keep-rooms',
      does: 'fills the pools of rooms, and ends rooms to which nobody came and watches whose operator is gone',
      expression: '*/5 * * * * *',
      everySeconds: 5,
      run: async () => ({ rooms: await keepRooms(rooms, transactions) }),
      preview: async () => (await rooms.poolDepartments()).map((department) => ({ department })),
    },
    {
      name: 'sync-rooms',
      does: 'brings the rooms in the record and those on ejabberd into agreement',
      expression: '*/5 * * * * *',
      everySeconds: 5,
      run: async () => ({ ...(await syncHosts(deps)) }),
      preview: async () => {
        const open = await Promise.all([...roomServers.keys()].map((host) => rooms.openOn(host)));
        return open.flat().map(({ room }) => ({ room: room.id, state: room.state }));
      },
    },
  ];
}

/** One host that can't be asked leaves the others their turn. */
async function syncHosts({ transactions, rooms: reads, roomServers }: JobDeps): Promise<Agreement> {
  const total: Agreement = { rooms: 0, vanished: 0, changed: 0, unknown: 0 };
  const failures: unknown[] = [];
  for (const [host, server] of roomServers) {
    try {
      const found = await syncRooms({ transactions, reads, server }, host);
      for (const what of Object.keys(total) as (keyof Agreement)[]) total[what] += found[what];
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return total;
}

function eraseOld({ transactions, upkeep }: JobDeps, days: number | null): Job {
  const long =
    days === null ? 'as many days as their instance says' : `${days} days, or as many as their instance says`;
  return {
    name: 'erase-old-visitors',
    does: `forgets visitors who weren’t there for ${long}, with all that was said`,
    expression: '20 */10 * * * *',
    everySeconds: 600,
    run: async () => ({ visitors: await untilNone(() => eraseOldVisitors(upkeep, transactions, days)) }),
    preview: async () => (await upkeep.oldVisitors(days, SHOWN_AT_MOST)).map(({ id }) => ({ visitor: id })),
  };
}

function hostingJob({ transactions, hosting }: JobDeps): Job {
  return {
    name: 'hosting',
    does: 'shuts suspended instances, and removes those that are to be destroyed',
    expression: '*/2 * * * * *',
    everySeconds: 2,
    run: async () => ({ changes: await untilNone(() => settleInstances({ transactions, hosting })) }),
    preview: async () =>
      (await hosting.unsettled()).map(({ instance }) => ({ instance: instance.name, state: instance.state })),
  };
}

async function forEachKind(count: (what: Leftover) => Promise<number>): Promise<Record<Leftover, number>> {
  return {
    feed: await count('feed'),
    receipts: await count('receipts'),
    rejected: await count('rejected'),
    mails: await count('mails'),
    reminders: await count('reminders'),
    lanes: await count('lanes'),
    sessions: await count('sessions'),
    bans: await count('bans'),
    occupants: await count('occupants'),
  };
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
