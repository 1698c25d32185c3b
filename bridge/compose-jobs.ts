import type { Core } from './compose.js';
import { hostsOf } from './config/settings.js';
import { Dispatcher } from './jobs/dispatcher.js';
import { allJobs } from './jobs/jobs.js';
import type { Job } from './jobs/schedule.js';
import type { RoomServer } from './domain/rooms/reads.js';
import { AdminClient } from './outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from './outbound/ejabberd/mod-foyer-client.js';
import { describeError } from './shared/errors.js';
import { createHostingStore } from './storage/hosting-store.js';
import { splitJid } from './shared/jid.js';
import { createRoomReads } from './storage/room-reads.js';
import { createUpkeep } from './storage/upkeep-store.js';

const DESTROYED_AT_ONCE = 100;
/** At the spool: the next run tries again. */
const LOOKS = 200;

/** What happens by the clock, here or when a person asks for it. */
export function composeJobs(core: Core, dispatcher: Dispatcher = composeDispatcher(core)): Job[] {
  const { transactions, pool, settings } = core;
  return allJobs({
    ...{ transactions, upkeep: createUpkeep(pool), dispatcher },
    ...{ accountDays: settings.visitors.account_days, idleHours: settings.chats.idle_hours },
    hosting: createHostingStore(pool),
    ...{ rooms: createRoomReads(pool) },
    roomServers: new Map(hostsOf(settings).map((host) => [host, roomServer(core, host)])),
    eraseDays: settings.visitors.erase_after_days || null,
  });
}

/** A connection of its own for each look: who only lists the jobs has none. */
function roomServer({ settings }: Core, host: string): RoomServer {
  const { api_url: url, api_user: user, api_password: password } = settings.ejabberd;
  const ask = async <T>(question: (commands: ModFoyerClient) => Promise<T>): Promise<T> => {
    const admin = new AdminClient({ url, user, password });
    try {
      return await question(new ModFoyerClient(admin));
    } finally {
      admin.close();
    }
  };
  return {
    rooms: () => ask((commands) => commands.rooms(host)),
    reported: () =>
      ask(async (commands) => {
        for (let i = 0; i < LOOKS; i += 1) if ((await commands.spoolInfo(host)).depth === 0) return true;
        return false;
      }),
    async destroy(jids) {
      for (let i = 0; i < jids.length; i += DESTROYED_AT_ONCE)
        await ask(async (commands) => {
          const some = jids.slice(i, i + DESTROYED_AT_ONCE).map(splitJid);
          for (const service of new Set(some.map((jid) => jid.host)))
            await commands.destroyRooms(
              host,
              service,
              some.filter((jid) => jid.host === service).map(({ local }) => local),
            );
        });
    },
  };
}

export function composeDispatcher({ transactions, pool, events }: Core): Dispatcher {
  return new Dispatcher({
    transactions,
    upkeep: createUpkeep(pool),
    onError: (error) => events.jobRan('dispatch', { failed: describeError(error) }),
  });
}
