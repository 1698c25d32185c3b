import { Coalescer } from '../shared/coalescer.js';
import type { SecretBox } from '../shared/box.js';
import { rows, type Pool } from './pool.js';

/** A room with what opens it, as its courier needs it. */
interface RoomWithPassword {
  id: number;
  name: string;
  service: string;
  title: string;
  maxOccupants: number;
  password: string;
  open: boolean;
  may: string;
}

export function createRoomPasswords(
  pool: Pool,
  box: SecretBox,
): { get(id: number): Promise<RoomWithPassword | undefined> } {
  const reading = new Coalescer<number, RoomWithPassword | undefined>(async (ids) => {
    const found = await rows(
      pool,
      `SELECT rooms.id, rooms.name, rooms.service, rooms.title, rooms.max_occupants, rooms.password_box,
              rooms.state NOT IN ('closed', 'abandoned') AS open,
              CONCAT_WS(' ', IF(departments.room_invite = 'answer', 'invite', NULL), IF(COALESCE(departments.room_topic, 'answer') = 'answer', 'topic', NULL)) AS may
         FROM rooms LEFT JOIN departments ON departments.id = rooms.department_id WHERE rooms.id IN (?)`,
      [ids],
    );
    const byId = new Map(
      found.map((row) => [
        row['id'] as number,
        {
          ...{ id: row['id'], name: row['name'], service: row['service'], title: row['title'] },
          ...{ maxOccupants: row['max_occupants'], password: box.open(row['password_box'] as Buffer) },
          ...{ open: row['open'] === 1, may: row['may'] },
        } as RoomWithPassword,
      ]),
    );
    return ids.map((id) => byId.get(id));
  }, 500);
  return { get: (id) => reading.add(id) };
}
