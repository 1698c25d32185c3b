import type { Occupant } from '../domain/rooms/room.js';
import type { RoomReads, RoomView } from '../domain/rooms/reads.js';
import type { RoomMessage } from '../domain/rooms/store.js';
import { rows, type Pool } from './pool.js';
import { toRoomMessage } from './room-group-store.js';
import { toOccupant } from './room-occupants.js';
import { OPEN_ROOMS, ROOM_COLUMNS, toPool, toRoom } from './room-store.js';

/** Rooms that one statement asks about. */
const AT_ONCE = 1000;

export function createRoomReads(pool: Pool): RoomReads {
  const views = async (where: string, values: unknown[]): Promise<RoomView[]> => {
    const found = await rows(
      pool,
      `SELECT ${ROOM_COLUMNS}, operators.name AS operator_name, chats.number AS chat_number FROM rooms
         LEFT JOIN operators ON operators.id = rooms.operator_id LEFT JOIN chats ON chats.id = rooms.chat_id WHERE ${where}`,
      values,
    );
    const ids = found.map((row) => row['id'] as number);
    if (ids.length === 0) return [];
    const occupants = await rows(
      pool,
      'SELECT room_occupants.* FROM room_occupants WHERE room_occupants.room_id IN (?) AND room_occupants.present = 1 ORDER BY room_occupants.nick',
      [ids],
    );
    const states = await rows(
      pool,
      'SELECT room_states.* FROM room_states WHERE room_states.room_id IN (?) ORDER BY room_states.room_id, room_states.number',
      [ids],
    );
    const members = await rows(
      pool,
      'SELECT room_members.* FROM room_members WHERE room_members.room_id IN (?) ORDER BY room_members.operator_id',
      [ids],
    );
    return found.map((row) => ({
      room: toRoom(row),
      operatorName: row['operator_name'],
      chatNumber: row['chat_number'],
      occupants: occupants.filter((one) => one['room_id'] === row['id']).map(toOccupant),
      members: members.filter((one) => one['room_id'] === row['id']).map((one) => one['operator_id'] as number),
      states: states
        .filter((one) => one['room_id'] === row['id'])
        .map((one) => ({ state: one['state'], reason: one['reason'], at: one['at'] })),
    }));
  };
  return {
    list: (instanceId, { states, purpose, departmentIds, before, limit }) =>
      views(
        `rooms.instance_id = ?${states === undefined ? '' : ' AND rooms.state IN (?)'}${purpose === undefined ? '' : ' AND rooms.purpose = ?'}${
          departmentIds === undefined ? '' : ' AND COALESCE(chats.department_id, rooms.department_id) IN (?)'
        }${before === undefined ? '' : ' AND rooms.id < ?'} ORDER BY rooms.id DESC LIMIT ?`,
        [instanceId, states, purpose, departmentIds, before, limit].filter((value) => value !== undefined),
      ),
    async get(instanceId, id) {
      return (await views('rooms.instance_id = ? AND rooms.id = ?', [instanceId, id]))[0];
    },
    async pools(instanceId) {
      const found = await rows(
        pool,
        'SELECT room_pools.* FROM room_pools WHERE room_pools.instance_id = ? ORDER BY room_pools.department_id',
        [instanceId],
      );
      return found.map(toPool);
    },
    async messages(roomId, after, limit): Promise<RoomMessage[]> {
      const found = await rows(
        pool,
        'SELECT room_messages.* FROM room_messages WHERE room_messages.room_id = ? AND room_messages.id > ? ORDER BY room_messages.id LIMIT ?',
        [roomId, after, limit],
      );
      return found.map(toRoomMessage);
    },
    async openOn(host) {
      const found = await rows(
        pool,
        `SELECT ${ROOM_COLUMNS}, accounts.host, accounts.local, chats.account_id AS visitor_account_id, visitors.local AS visitor_local,
                visitor.online AS visitor_online
           FROM rooms JOIN accounts ON accounts.id = rooms.account_id
           LEFT JOIN chats ON chats.id = rooms.chat_id AND chats.room_id = rooms.id
           LEFT JOIN accounts AS visitors ON visitors.id = chats.account_id LEFT JOIN visitors AS visitor ON visitor.id = chats.visitor_id
          WHERE accounts.host = ? AND rooms.state IN (${OPEN_ROOMS}) ORDER BY rooms.id`,
        [host],
      );
      const open = [];
      for (let i = 0; i < found.length; i += AT_ONCE) {
        const some = found.slice(i, i + AT_ONCE);
        const occupants = await rows(
          pool,
          'SELECT room_occupants.* FROM room_occupants WHERE room_occupants.room_id IN (?) AND room_occupants.present = 1',
          [some.map((row) => row['id'])],
        );
        const byRoom = new Map<number, Occupant[]>();
        for (const row of occupants) {
          const roomId = row['room_id'] as number;
          const people = byRoom.get(roomId) ?? [];
          people.push(toOccupant(row));
          byRoom.set(roomId, people);
        }
        for (const row of some) {
          const visitor = row['visitor_online'] === 1 ? `${row['visitor_local']}@${row['host']}` : null;
          const service = row['purpose'] === 'pool' ? null : `${row['local']}@${row['host']}`;
          const expected = [visitor, service].filter((jid) => jid !== null);
          open.push({
            room: toRoom(row),
            occupants: byRoom.get(row['id'] as number) ?? [],
            expected,
          });
        }
      }
      return open;
    },
    async known(jids) {
      const found = new Set<string>();
      for (let i = 0; i < jids.length; i += AT_ONCE) {
        const some = jids.slice(i, i + AT_ONCE);
        for (const row of await rows(
          pool,
          `SELECT rooms.name, rooms.service FROM rooms WHERE (rooms.service, rooms.name) IN (?) AND rooms.state IN (${OPEN_ROOMS})`,
          [some.map(({ service, name }) => [service, name])],
        ))
          found.add(`${row['name']}@${row['service']}`);
      }
      return found;
    },
    async mark() {
      const [row] = await rows(pool, 'SELECT room_mark.mark FROM room_mark');
      return row?.['mark'] as string;
    },
    async poolDepartments() {
      const found = await rows(
        pool,
        'SELECT room_pools.department_id FROM room_pools ORDER BY room_pools.department_id',
      );
      return found.map((row) => row['department_id'] as number);
    },
    async byState() {
      const found = await rows(
        pool,
        `SELECT rooms.state, COUNT(*) AS count FROM rooms WHERE rooms.state IN (${OPEN_ROOMS}) GROUP BY rooms.state`,
      );
      return found.map((row) => ({ state: row['state'] as string, count: Number(row['count']) }));
    },
  };
}
