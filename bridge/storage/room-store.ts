import { ownPrefix, type Room } from '../domain/rooms/room.js';
import type { RoomPool, RoomStore } from '../domain/rooms/store.js';
import type { Row } from './pool.js';
import { roomBanStore } from './room-ban-store.js';
import { roomGroupStore } from './room-group-store.js';
import { roomOccupants } from './room-occupants.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Random bytes of a password. */
const PASSWORD_BYTES = 16;

/** Rooms that one look finds. */
const AT_ONCE = 200;

/** Clients say once that somebody types; a "paused" may be lost. */
const TYPING_SECONDS = 45;
/** A page shows no more names. */
const TYPISTS_AT_MOST = 5;

export const OPEN_ROOMS = "'making', 'available', 'directed', 'staff_waiting', 'chatting', 'closing', 'lost'";

export const ROOM_COLUMNS =
  'rooms.id, rooms.instance_id, rooms.account_id, rooms.department_id, rooms.purpose, rooms.name, rooms.service, rooms.title, rooms.subject, ' +
  'rooms.max_occupants, rooms.state, rooms.state_since, rooms.operator_id, rooms.chat_id, rooms.external_id, rooms.synced_at, rooms.created_at';

export function toRoom(row: Row): Room {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    accountId: row['account_id'],
    departmentId: row['department_id'],
    purpose: row['purpose'],
    name: row['name'],
    service: row['service'],
    title: row['title'],
    subject: row['subject'],
    maxOccupants: row['max_occupants'],
    state: row['state'],
    stateSince: row['state_since'],
    operatorId: row['operator_id'],
    chatId: row['chat_id'],
    externalId: row['external_id'],
    syncedAt: row['synced_at'],
    createdAt: row['created_at'],
  };
}

export function roomStore(work: UnitOfWork): RoomStore {
  /** One object for a room, however it was found: what is changed in it is seen by all. */
  const known = new Map<number, Room>();
  /** Those that nobody else can change now. */
  const locked = new Set<number>();
  /** Ids by JID; null: there is none. */
  const ids = new Map<string, number | null>();
  const people = roomOccupants(work);
  work.onTakenBack(() => {
    for (const cache of [known, locked, ids]) cache.clear();
  });
  const remember = (row: Row): Room => {
    const room = known.get(row['id'] as number);
    if (room) return Object.assign(room, toRoom(row));
    known.set(row['id'] as number, toRoom(row));
    return known.get(row['id'] as number) as Room;
  };
  const find = async (where: string, values: unknown[]): Promise<Room[]> =>
    (await work.select(`SELECT ${ROOM_COLUMNS} FROM rooms WHERE ${where}`, values)).map(remember);
  const idsOf = async (where: string, values: unknown[]): Promise<number[]> =>
    (await work.select(`SELECT rooms.id FROM rooms ${where} ORDER BY rooms.id LIMIT ${AT_ONCE}`, values)).map(
      (row) => row['id'] as number,
    );
  const pools = async (departmentId: number, locking: '' | 'FOR UPDATE'): Promise<RoomPool | undefined> => {
    const [row] = await work.select(
      `SELECT room_pools.* FROM room_pools WHERE room_pools.department_id = ? ${locking}`,
      [departmentId],
    );
    return row && toPool(row);
  };
  const readByJids: RoomStore['readByJids'] = async (jids) => {
    // The database refuses to compare an ASCII column with anything else.
    const asked = jids.filter(({ host, local }) => /^[\x21-\x7e]+$/.test(host + local));
    for (const { host, local } of jids) ids.set(`${local}@${host}`, null);
    if (asked.length === 0) return;
    const pairs = asked.map(({ host, local }) => [host, local]);
    for (const { id, name, service } of await find('(rooms.service, rooms.name) IN (?)', [pairs]))
      ids.set(`${name}@${service}`, id);
  };
  return {
    ...roomGroupStore(work),
    ...people,
    ...roomBanStore(work),
    async create({ instanceId, accountId, host, departmentId, purpose, title, maxOccupants, ...more }) {
      const { deps } = work;
      const service = (deps.roomsService ?? 'conference.{host}').replaceAll('{host}', host);
      const [own] = await work.select('SELECT room_mark.mark FROM room_mark');
      // 160 of its bits are random.
      const name = `${ownPrefix(own?.['mark'] as string)}${deps.ids.ulid().toLowerCase()}-${deps.ids.ulid().slice(10).toLowerCase()}`;
      const box = deps.box.seal(deps.ids.secret(PASSWORD_BYTES));
      const { operatorId = null, chatId = null, externalId = null } = more;
      const values = [
        ...[instanceId, accountId, departmentId, purpose, name, service, box, title, maxOccupants],
        ...[operatorId, chatId, externalId],
      ];
      const results = await work.writeTogether([
        {
          sql: `INSERT INTO rooms (instance_id, account_id, department_id, purpose, name, service, password_box, title, max_occupants, state, state_since,
                  operator_id, chat_id, external_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'making', NOW(3), ?, ?, ?, NOW(3))`,
          values,
        },
        {
          sql: "INSERT INTO room_states (room_id, number, state, reason, at) VALUES (LAST_INSERT_ID(), 1, 'making', '', NOW(3))",
          values: [],
        },
        { sql: `SELECT ${ROOM_COLUMNS} FROM rooms WHERE rooms.id = LAST_INSERT_ID()`, values: [] },
      ]);
      const [row] = results.at(-1) as Row[];
      return remember(row as Row);
    },
    async peek(id) {
      return (await find('rooms.id = ?', [id]))[0];
    },
    async lock(id) {
      if (locked.has(id)) return known.get(id);
      const [room] = await find('rooms.id = ? FOR UPDATE', [id]);
      if (room) locked.add(id);
      return room;
    },
    async lockMany(ids) {
      if (ids.length === 0) return;
      for (const { id } of await find('rooms.id IN (?) ORDER BY rooms.id FOR UPDATE', [ids])) locked.add(id);
    },
    async byJid(service, name) {
      if (!ids.has(`${name}@${service}`)) await readByJids([{ host: service, local: name }]);
      const id = ids.get(`${name}@${service}`);
      return id == null ? undefined : known.get(id);
    },
    readByJids,
    async byExternalId(instanceId, externalId) {
      return (await find('rooms.instance_id = ? AND rooms.external_id = ?', [instanceId, externalId]))[0];
    },
    async setState(room, state, reason) {
      const over = state === 'closed' || state === 'abandoned';
      await work.writeTogether([
        {
          sql: `UPDATE rooms SET state = ?, state_since = NOW(3)${over ? ', external_id = NULL' : ''} WHERE id = ?`,
          values: [state, room.id],
        },
        {
          sql: `INSERT INTO room_states (room_id, number, state, reason, at)
                SELECT ?, COALESCE(MAX(room_states.number), 0) + 1, ?, ?, NOW(3) FROM room_states WHERE room_states.room_id = ?`,
          values: [room.id, state, reason, room.id],
        },
      ]);
      room.state = state;
      if (over)
        work.later("UPDATE room_occupants SET present = 0, nick = '' WHERE room_id = ? AND present = 1", [room.id]);
    },
    async update({ id, title, chatId, operatorId, subject, syncedAt }) {
      await work.write(
        'UPDATE rooms SET title = ?, chat_id = ?, operator_id = ?, subject = ?, synced_at = ? WHERE id = ?',
        [title, chatId, operatorId, subject, syncedAt, id],
      );
    },
    pool: (departmentId) => pools(departmentId, ''),
    lockPool: (departmentId) => pools(departmentId, 'FOR UPDATE'),
    async setPool(pool) {
      await work.write(
        `REPLACE INTO room_pools (department_id, instance_id, size, max_rooms, max_per_operator, max_occupants, allocation_seconds) VALUES (?)`,
        [
          [
            ...[pool.departmentId, pool.instanceId, pool.size, pool.maxRooms, pool.maxPerOperator],
            ...[pool.maxOccupants, pool.allocationSeconds],
          ],
        ],
      );
    },
    async removePool(departmentId) {
      await work.write('DELETE FROM room_pools WHERE department_id = ?', [departmentId]);
    },
    async counts(departmentId) {
      const [row] = await work.select(
        `SELECT COUNT(*) AS open, COALESCE(SUM(rooms.state IN ('making', 'available')), 0) AS ready FROM rooms
          WHERE rooms.department_id = ? AND rooms.purpose = 'pool' AND rooms.state IN (${OPEN_ROOMS})`,
        [departmentId],
      );
      return { ready: Number(row?.['ready']), open: Number(row?.['open']) };
    },
    async takeAvailable(departmentId) {
      const [room] = await find(
        `rooms.department_id = ? AND rooms.purpose = 'pool' AND rooms.state = 'available'
          ORDER BY rooms.state_since, rooms.id LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [departmentId],
      );
      return room;
    },
    waiting: (departmentId) =>
      find(
        `rooms.department_id = ? AND rooms.purpose = 'pool' AND rooms.chat_id IS NULL AND rooms.state IN ('staff_waiting', 'directed')
          ORDER BY rooms.state DESC, rooms.state_since, rooms.id LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
        [departmentId],
      ),
    ofOperator: (operatorId) =>
      find(`rooms.operator_id = ? AND rooms.purpose = 'pool' AND rooms.state IN (${OPEN_ROOMS})`, [operatorId]),
    overdue: (departmentId) =>
      idsOf(
        `JOIN room_pools ON room_pools.department_id = rooms.department_id LEFT JOIN chats ON chats.id = rooms.chat_id AND chats.room_id = rooms.id
          WHERE rooms.department_id = ? AND rooms.purpose = 'pool' AND rooms.state IN ('directed', 'closing', 'lost')
            AND chats.id IS NULL
            AND rooms.state_since < NOW(3) - INTERVAL room_pools.allocation_seconds SECOND`,
        [departmentId],
      ),
    deserted: (departmentId) =>
      idsOf(
        `JOIN departments ON departments.id = rooms.department_id JOIN chats ON chats.id = rooms.chat_id AND chats.room_id = rooms.id
           JOIN accounts AS service ON service.id = rooms.account_id JOIN accounts AS visitor ON visitor.id = chats.account_id
          WHERE rooms.department_id = ? AND rooms.purpose = 'pool' AND rooms.state IN ('closing', 'lost') AND chats.state = 'active'
            AND rooms.state_since < NOW(3) - INTERVAL departments.grace_seconds SECOND
            AND NOT EXISTS (SELECT 1 FROM room_occupants WHERE room_occupants.room_id = rooms.id AND room_occupants.present = 1
              AND SUBSTRING_INDEX(room_occupants.jid, '/', 1) NOT IN (CONCAT(service.local, '@', service.host), CONCAT(visitor.local, '@', visitor.host)))`,
        [departmentId],
      ),
    openIn: (departmentId) => find(`rooms.department_id = ? AND rooms.state IN (${OPEN_ROOMS})`, [departmentId]),
    openOf: (chatIds) =>
      chatIds.length === 0
        ? Promise.resolve([])
        : find(`rooms.chat_id IN (?) AND rooms.state IN (${OPEN_ROOMS})`, [chatIds]),
    async noteTyping(roomId, name, typing) {
      if (typing)
        await work.write('REPLACE INTO room_typists (room_id, name, since) VALUES (?, ?, NOW(3))', [roomId, name]);
      else await work.write('DELETE FROM room_typists WHERE room_id = ? AND name = ?', [roomId, name]);
      const found = await work.select(
        `SELECT room_typists.name FROM room_typists WHERE room_typists.room_id = ? AND room_typists.since > NOW(3) - INTERVAL ${TYPING_SECONDS} SECOND
          ORDER BY room_typists.since LIMIT ${TYPISTS_AT_MOST}`,
        [roomId],
      );
      return found.map((row) => row['name'] as string);
    },
    idle: (departmentId) =>
      idsOf("WHERE rooms.department_id = ? AND rooms.purpose = 'pool' AND rooms.state IN ('making', 'available')", [
        departmentId,
      ]),
  };
}

export function toPool(row: Row): RoomPool {
  return {
    departmentId: row['department_id'],
    instanceId: row['instance_id'],
    size: row['size'],
    maxRooms: row['max_rooms'],
    maxPerOperator: row['max_per_operator'],
    maxOccupants: row['max_occupants'],
    allocationSeconds: row['allocation_seconds'],
  };
}
