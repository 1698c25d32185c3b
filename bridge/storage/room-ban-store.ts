import type { RoomBan, RoomStore } from '../domain/rooms/store.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Bans that one look finds. */
const AT_ONCE = 200;

/** Who may not come back into a room, and who had better not be sent into one. */
export function roomBanStore(work: UnitOfWork): Pick<RoomStore, 'bans' | 'ban' | 'unban' | 'endedBans' | 'missed'> {
  const find = async (where: string, values: unknown[]): Promise<RoomBan[]> =>
    (await work.select(`SELECT room_bans.* FROM room_bans WHERE ${where}`, values)).map(toRoomBan);
  return {
    bans: (roomId) =>
      find(
        'room_bans.room_id = ? AND (room_bans.expires_at IS NULL OR room_bans.expires_at > NOW(3)) ORDER BY room_bans.id',
        [roomId],
      ),
    async ban({ roomId, operatorId, reason, actor, seconds }) {
      await work.write(
        `REPLACE INTO room_bans (room_id, operator_id, reason, actor, created_at, expires_at)
         VALUES (?, ?, ?, ?, NOW(3), NOW(3) + INTERVAL ? SECOND)`,
        [roomId, operatorId, reason, actor, seconds],
      );
      const [made] = await find('room_bans.room_id = ? AND room_bans.operator_id = ?', [roomId, operatorId]);
      return made as RoomBan;
    },
    async unban(id) {
      await work.write('DELETE FROM room_bans WHERE id = ?', [id]);
    },
    endedBans: () => find(`room_bans.expires_at <= NOW(3) ORDER BY room_bans.expires_at LIMIT ${AT_ONCE}`, []),
    async missed(departmentId) {
      const found = await work.select(
        `SELECT rooms.operator_id, MAX(room_states.at) AS at FROM rooms JOIN room_states ON room_states.room_id = rooms.id
          WHERE rooms.department_id = ? AND rooms.state IN ('closed', 'abandoned') AND rooms.state_since > NOW(3) - INTERVAL 1 HOUR
            AND rooms.operator_id IS NOT NULL AND room_states.reason IN ('nobody_came', 'declined', 'kicked', 'banned')
          GROUP BY rooms.operator_id`,
        [departmentId],
      );
      return new Map(found.map((row) => [row['operator_id'] as number, row['at'] as Date]));
    },
  };
}

export function toRoomBan(row: Row): RoomBan {
  return {
    id: row['id'],
    roomId: row['room_id'],
    operatorId: row['operator_id'],
    reason: row['reason'],
    actor: row['actor'],
    createdAt: row['created_at'],
    expiresAt: row['expires_at'],
  };
}
