import { createHash } from 'node:crypto';
import type { Occupant } from '../domain/rooms/room.js';
import type { RoomStore } from '../domain/rooms/store.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Who is in rooms, and who was. Each room is read once by a transaction; those who have left, of whom there are ever more, only where one of them is asked about. */
export function roomOccupants(work: UnitOfWork): Pick<RoomStore, 'occupants' | 'occupant' | 'setOccupant'> {
  /** By room and JID: all who are there, and those who left as far as they were asked about. */
  const rooms = new Map<number, Map<string, Occupant | undefined>>();
  work.onTakenBack(() => rooms.clear());
  const read = async (roomId: number): Promise<Map<string, Occupant | undefined>> => {
    const known = rooms.get(roomId);
    if (known) return known;
    const found = await work.select(
      'SELECT room_occupants.* FROM room_occupants WHERE room_occupants.room_id = ? AND room_occupants.present = 1',
      [roomId],
    );
    const people = new Map<string, Occupant | undefined>(found.map((row) => [row['jid'] as string, toOccupant(row)]));
    rooms.set(roomId, people);
    return people;
  };
  return {
    async occupants(roomId) {
      return [...(await read(roomId)).values()].filter((one) => one?.present === true) as Occupant[];
    },
    async occupant(roomId, jid) {
      const people = await read(roomId);
      if (people.has(jid)) return people.get(jid);
      const [row] = await work.select(
        'SELECT room_occupants.* FROM room_occupants WHERE room_occupants.room_id = ? AND room_occupants.jid_hash = ?',
        [roomId, hashOf(jid)],
      );
      people.set(jid, row && toOccupant(row));
      return people.get(jid);
    },
    async setOccupant(roomId, occupant) {
      const { jid, nick, role, present, reportedAt } = occupant;
      (await read(roomId)).set(jid, occupant);
      work.later(
        `INSERT INTO room_occupants (room_id, jid_hash, jid, nick, role, present, reported_at) VALUES (?)
         ON DUPLICATE KEY UPDATE nick = VALUES(nick), role = VALUES(role), present = VALUES(present), reported_at = VALUES(reported_at)`,
        // What somebody called itself there is of no use any more once it has left.
        [[roomId, hashOf(jid), jid, present ? nick : '', role, present ? 1 : 0, reportedAt]],
      );
    },
  };
}

export function toOccupant(row: Row): Occupant {
  return {
    jid: row['jid'],
    nick: row['nick'],
    role: row['role'],
    present: row['present'] === 1,
    reportedAt: row['reported_at'],
  };
}

function hashOf(jid: string): Buffer {
  return createHash('sha256').update(jid).digest().subarray(0, 16);
}
