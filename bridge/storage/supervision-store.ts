import type { Supervision, SupervisionStore } from '../domain/supervision/store.js';
import { readRows, type Pool } from './pool.js';
import { CHAT_COLUMNS, toChat } from './rows.js';
import type { UnitOfWork } from './unit-of-work.js';

const WATCHING = "supervisions.kind = 'watch' AND supervisions.ended_at IS NULL";

export function supervisionStore(work: UnitOfWork): SupervisionStore {
  const add = (
    kind: Supervision['kind'],
    chat: { id: number; instanceId: number },
    operatorId: number,
    told: boolean,
  ) =>
    work.write(
      `INSERT INTO supervisions (instance_id, chat_id, operator_id, kind, told, began_at, ended_at, absent_since)
       VALUES (?, ?, ?, ?, ?, NOW(3), IF(? = 'watch', NULL, NOW(3)), IF(? = 'watch', NOW(3), NULL))`,
      [chat.instanceId, chat.id, operatorId, kind, told ? 1 : 0, kind, kind],
    );
  return {
    async liveChats(departmentIds, limit) {
      if (departmentIds.length === 0) return [];
      const found = await work.select(
        `SELECT ${CHAT_COLUMNS} FROM chats WHERE chats.department_id IN (?) AND chats.state IN ('active', 'invited', 'offered', 'waiting')
          ORDER BY FIELD(chats.state, 'active', 'invited', 'offered', 'waiting'), chats.id LIMIT ?`,
        [departmentIds, limit],
      );
      return found.map(toChat);
    },
    async watchers(chatId) {
      const found = await work.select(
        `SELECT supervisions.operator_id FROM supervisions WHERE supervisions.chat_id = ? AND ${WATCHING} ORDER BY supervisions.id`,
        [chatId],
      );
      return found.map((row) => row['operator_id'] as number);
    },
    async watchedBy(operatorId) {
      const found = await work.select(
        `SELECT supervisions.chat_id FROM supervisions WHERE supervisions.operator_id = ? AND ${WATCHING} ORDER BY supervisions.id`,
        [operatorId],
      );
      return found.map((row) => row['chat_id'] as number);
    },
    begin: (chat, operatorId, told) => add('watch', chat, operatorId, told),
    end: (chatId, operatorId) =>
      work.write(`UPDATE supervisions SET ended_at = NOW(3) WHERE chat_id = ? AND operator_id = ? AND ${WATCHING}`, [
        ...[chatId, operatorId],
      ]),
    endAll: (chatId) =>
      work.later(`UPDATE supervisions SET ended_at = NOW(3) WHERE chat_id = ? AND ${WATCHING}`, [chatId]),
    setPresent: (chatId, operatorId, present) =>
      work.write(
        `UPDATE supervisions SET absent_since = IF(?, NULL, IFNULL(absent_since, NOW(3))) WHERE chat_id = ? AND operator_id = ? AND ${WATCHING}`,
        [present ? 1 : 0, chatId, operatorId],
      ),
    addTakeover: (chat, operatorId) => add('takeover', chat, operatorId, true),
    async takenOverBy(chatId, seconds) {
      const [row] = await work.select(
        `SELECT supervisions.operator_id FROM supervisions
          WHERE supervisions.chat_id = ? AND supervisions.kind = 'takeover' AND supervisions.began_at > NOW(3) - INTERVAL ? SECOND
          ORDER BY supervisions.id DESC LIMIT 1`,
        [chatId, seconds],
      );
      return row?.['operator_id'] as number | undefined;
    },
    async overdue(limit, chatId) {
      const found = await work.select(
        `SELECT supervisions.chat_id, supervisions.operator_id FROM supervisions
           JOIN chats ON chats.id = supervisions.chat_id JOIN departments ON departments.id = chats.department_id
           JOIN operators ON operators.id = supervisions.operator_id
           LEFT JOIN operator_departments ON operator_departments.operator_id = operators.id AND operator_departments.department_id = departments.id
          WHERE ${WATCHING} AND (
                supervisions.absent_since < NOW(3) - INTERVAL departments.grace_seconds SECOND
             OR operators.disabled_at IS NOT NULL OR operator_departments.operator_id IS NULL
             OR (operators.manager = 0 AND operator_departments.access = 'answer')
             OR chats.state NOT IN ('active', 'waiting', 'offered'))
          ${chatId === null ? '' : 'AND supervisions.chat_id = ?'} ORDER BY supervisions.id LIMIT ?`,
        chatId === null ? [limit] : [chatId, limit],
      );
      return found.map((row) => ({ chatId: row['chat_id'] as number, operatorId: row['operator_id'] as number }));
    },
  };
}

/** All that a chat's record has, the oldest first. */
export async function readSupervisions(pool: Pool, chatId: number): Promise<Supervision[]> {
  const found = await readRows(
    pool,
    `SELECT supervisions.*, operators.name FROM supervisions JOIN operators ON operators.id = supervisions.operator_id
      WHERE supervisions.chat_id = ? ORDER BY supervisions.id`,
    [chatId],
  );
  return found.map((row) => ({
    ...{ kind: row['kind'], operatorId: row['operator_id'], operatorName: row['name'], told: row['told'] === 1 },
    ...{ beganAt: row['began_at'], endedAt: row['ended_at'] },
  }));
}
