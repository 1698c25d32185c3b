import type { RoomMessage, RoomStore } from '../domain/rooms/store.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Members of groups, and what was said in them. */
export function roomGroupStore(
  work: UnitOfWork,
): Pick<RoomStore, 'members' | 'setMembers' | 'addMessage' | 'messageByKey'> {
  const byKey = async (roomId: number, senderKey: string): Promise<RoomMessage | undefined> => {
    const [row] = await work.select(
      'SELECT room_messages.* FROM room_messages WHERE room_messages.room_id = ? AND room_messages.sender_key = ?',
      [roomId, senderKey],
    );
    return row && toRoomMessage(row);
  };
  return {
    async members(roomId) {
      const found = await work.select(
        'SELECT room_members.operator_id FROM room_members WHERE room_members.room_id = ? ORDER BY room_members.operator_id',
        [roomId],
      );
      return found.map((row) => row['operator_id'] as number);
    },
    async setMembers(roomId, operatorIds) {
      await work.write('DELETE FROM room_members WHERE room_id = ?', [roomId]);
      if (operatorIds.length === 0) return;
      await work.write('INSERT INTO room_members (room_id, operator_id) VALUES ?', [
        operatorIds.map((id) => [roomId, id]),
      ]);
    },
    async addMessage(message) {
      const { roomId, instanceId, operatorId, authorName, text, senderKey } = message;
      if (await byKey(roomId, senderKey)) return null;
      const id = await work.insert(
        'INSERT INTO room_messages (room_id, instance_id, operator_id, author_name, text, sender_key, created_at) VALUES (?)',
        [[roomId, instanceId, operatorId, authorName, text, senderKey, work.now]],
      );
      return { ...message, id, createdAt: work.now };
    },
    messageByKey: byKey,
  };
}

export function toRoomMessage(row: Row): RoomMessage {
  return {
    id: row['id'],
    roomId: row['room_id'],
    instanceId: row['instance_id'],
    operatorId: row['operator_id'],
    authorName: row['author_name'],
    text: row['text'],
    senderKey: row['sender_key'],
    createdAt: row['created_at'],
  };
}
