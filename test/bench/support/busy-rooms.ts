import { setPool } from '../../../bridge/domain/rooms/make-room.js';
import { AdminClient } from '../../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { rows } from '../../../bridge/storage/pool.js';
import { until } from '../../support/until.js';
import type { BenchFoyer } from './bench-foyer.js';
import { HttpConnection } from './http-load.js';
import { RoomClient } from './room-client.js';
import type { RawAccount } from '../raw.js';

/** A room in which a chat takes place, and the page of its visitor. */
export interface BusyRoom {
  jid: string;
  chatId: number;
  token: string;
}

/** Asks ejabberd past the bridge. */
export async function asking<T>(
  { ejabberd }: BenchFoyer,
  question: (modFoyer: ModFoyerClient, admin: AdminClient) => Promise<T>,
): Promise<T> {
  const admin = new AdminClient({ url: ejabberd.apiUrl, user: ejabberd.apiUser, password: ejabberd.apiPassword });
  try {
    return await question(new ModFoyerClient(admin), admin);
  } finally {
    admin.close();
  }
}

/** A pool of so many rooms that stand ready. @returns seconds until all of them did */
export async function fillPool(
  foyer: BenchFoyer,
  size: number,
  maxOccupants: number,
  maxRooms = size,
): Promise<number> {
  const started = performance.now();
  await foyer.core.transactions.alone((tx) =>
    setPool(tx, {
      ...{ departmentId: 1, instanceId: 1, size, maxRooms, maxPerOperator: size, maxOccupants },
      allocationSeconds: 3_600,
    }),
  );
  await foyer.untilCount("SELECT COUNT(*) AS n FROM rooms WHERE rooms.state = 'available'", size);
  return (performance.now() - started) / 1000;
}

/** Each client asks for a room and waits in it, and a visitor comes to each: chats as they are made in daily work. */
export async function roomsWithChats(foyer: BenchFoyer, clients: readonly RoomClient[]): Promise<BusyRoom[]> {
  await fillPool(foyer, clients.length, 2 * clients.length);
  const invited = clients.map((client) => invitation(client));
  for (const [i, client] of clients.entries()) client.say(`foyer@${foyer.ejabberd.host}`, '!room', `room-${i}`);
  const seats = await Promise.all(invited);
  for (const [i, client] of clients.entries()) client.enter(seats[i]?.room ?? '', nickOf(i), seats[i]?.password);
  await foyer.untilCount("SELECT COUNT(*) AS n FROM rooms WHERE rooms.state = 'staff_waiting'", clients.length);
  const connection = await HttpConnection.open(foyer.base);
  const tokens = new Map<number, string>();
  for (const _ of clients) {
    const { token = '' } = await foyer.visit('', connection);
    const { body } = await connection.post('/visitor/v1/chats', { desk: 'main', text: 'Hello' }, `Bearer ${token}`);
    tokens.set((JSON.parse(body) as { chat: { id: number } }).chat.id, `Bearer ${token}`);
  }
  connection.close();
  await foyer.untilCount("SELECT COUNT(*) AS n FROM rooms WHERE rooms.state = 'chatting'", clients.length);
  const found = await rows(
    foyer.pool,
    "SELECT CONCAT(rooms.name, '@', rooms.service) AS jid, rooms.chat_id FROM rooms WHERE rooms.state = 'chatting' ORDER BY rooms.id",
  );
  return found.map((row) => {
    const chatId = row['chat_id'] as number;
    return { jid: row['jid'] as string, chatId, token: tokens.get(chatId) ?? '' };
  });
}

/** Everybody comes into every room. @returns seconds until all of them were in, and until the record had them */
export async function fillRooms(
  foyer: BenchFoyer,
  clients: readonly RoomClient[],
  rooms: readonly BusyRoom[],
): Promise<{ entered: number; recorded: number }> {
  const { host } = foyer.ejabberd;
  const users = clients.map(({ jid }) => ({ user: jid.split('@', 1)[0] ?? '', what: 'admit' as const }));
  const passwords = await passwordsOf(foyer);
  await asking(foyer, async (modFoyer) => {
    for (const { jid } of rooms) {
      const [name = '', service = ''] = jid.split('@');
      await modFoyer.admitToRoom(host, service, name, users);
    }
  });
  const started = performance.now();
  await enterAll(
    clients,
    rooms.map(({ jid }) => ({ jid, password: passwords.get(jid) })),
  );
  const entered = (performance.now() - started) / 1000;
  const everybody = rooms.length * (clients.length + 1);
  await foyer.untilCount('SELECT COUNT(*) AS n FROM room_occupants WHERE room_occupants.present = 1', everybody);
  return { entered, recorded: (performance.now() - started) / 1000 };
}

/** As many rooms with the same options that are none of Foyer's, with the same clients in them. @returns their JIDs, and seconds until all were in */
export async function rawRooms(
  foyer: BenchFoyer,
  clients: readonly RoomClient[],
  count: number,
): Promise<{ jids: string[]; entered: number }> {
  const { host } = foyer.ejabberd;
  const service = `conference.${host}`;
  const options = Object.entries(RAW_OPTIONS).map(([name, value]) => ({ name, value }));
  const names = Array.from({ length: count }, (_, i) => `raw-${i}`);
  await asking(foyer, async (_, admin) => {
    for (const name of names) await admin.call('create_room_with_opts', { name, service, host, options });
  });
  const jids = names.map((name) => `${name}@${service}`);
  const started = performance.now();
  await enterAll(
    clients,
    jids.map((jid) => ({ jid })),
  );
  return { jids, entered: (performance.now() - started) / 1000 };
}

/** As mod_foyer makes its own, but that anybody may enter. */
const RAW_OPTIONS = {
  ...{ allow_change_subj: 'true', allow_subscription: 'false', anonymous: 'false', logging: 'false', mam: 'true' },
  ...{ max_users: '200', moderated: 'true', members_by_default: 'true', persistent: 'true', public: 'false' },
};

export async function loginAll(accounts: readonly (RawAccount & { host: string; c2sPort: number })[]) {
  const clients: RoomClient[] = [];
  for (const account of accounts) clients.push(await RoomClient.login(account));
  return clients;
}

/** Room by room, so that no server drowns in the presence of everybody everywhere at once. */
async function enterAll(
  clients: readonly RoomClient[],
  rooms: readonly { jid: string; password?: string | undefined }[],
): Promise<void> {
  for (const { jid, password } of rooms) {
    const before = clients.map(({ entered }) => entered);
    for (const [i, client] of clients.entries()) client.enter(jid, nickOf(i), password);
    const isIn = (client: RoomClient, i: number) => client.entered > (before[i] ?? 0);
    await until(() => clients.every(isIn), `everybody in ${jid}`, 60, 5);
  }
}

export function nickOf(number: number): string {
  return `Op ${number + 1}`;
}

function invitation(client: RoomClient): Promise<{ room: string; password: string }> {
  return new Promise((resolve) => {
    client.onChat = (stanza) => {
      const room = /jid='([^']*@[^']*)'/.exec(/<x [^>]*jabber:x:conference[^>]*>/.exec(stanza)?.[0] ?? '')?.[1];
      const password = /password='([^']*)'/.exec(stanza)?.[1];
      if (room !== undefined && password !== undefined) resolve({ room, password });
    };
  });
}

export async function passwordsOf({ core }: BenchFoyer): Promise<Map<string, string>> {
  const found = await rows(
    core.pool,
    "SELECT CONCAT(rooms.name, '@', rooms.service) AS jid, rooms.password_box FROM rooms WHERE rooms.state = 'chatting'",
  );
  return new Map(found.map((row) => [row['jid'] as string, core.box.open(row['password_box'] as Buffer)]));
}
