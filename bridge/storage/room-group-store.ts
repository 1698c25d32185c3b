import type { RoomMessage, RoomStore } from '../domain/rooms/store.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Members of groups, and what was said in them. */
export function roomGroupStore(
  work: UnitOfWork,
): Pick<RoomStore, 'members' | 'setMembers' | 'addMessage' | 'messageByKey' | 'messageByStanzaId' | 'changeMessage'> {
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
      const { roomId, instanceId, operatorId, authorName, text, senderKey, stanzaId, archiveId } = message;
      if (await byKey(roomId, senderKey)) return null;
      const id = await work.insert(
        'INSERT INTO room_messages (room_id, instance_id, operator_id, author_name, text, sender_key, stanza_id, archive_id, created_at) VALUES (?)',
        [[roomId, instanceId, operatorId, authorName, text, senderKey, stanzaId ?? null, archiveId ?? null, work.now]],
      );
      return { ...message, id, createdAt: work.now, correctedAt: null, deletedAt: null };
    },
    messageByKey: byKey,
    async messageByStanzaId(roomId, operatorId, stanzaId) {
      const [row] = await work.select(
        `SELECT room_messages.* FROM room_messages WHERE room_messages.room_id = ? AND room_messages.operator_id = ?
            AND (room_messages.stanza_id = ? OR room_messages.corrected_by = ? OR room_messages.archive_id = ?)
          ORDER BY room_messages.id DESC LIMIT 1`,
        [roomId, operatorId, stanzaId, stanzaId, stanzaId],
      );
      return row && toRoomMessage(row);
    },
    async changeMessage(message, changed) {
      const deletedAt = changed === null ? work.now : null;
      const text = changed?.text ?? '';
      await work.write(
        'UPDATE room_messages SET text = ?, corrected_by = ?, corrected_at = ?, deleted_at = ? WHERE id = ?',
        [text, changed?.stanzaId ?? null, work.now, deletedAt, message.id],
      );
      return { ...message, text, correctedAt: work.now, deletedAt };
    },
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
    correctedAt: row['corrected_at'],
    deletedAt: row['deleted_at'],
  };
}
