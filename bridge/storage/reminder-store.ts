import type { ReminderStore, Silence } from '../domain/chats/remind.js';
import { rows, type Pool, type Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/**
 * Active chats of departments that remind, with the last words of both sides. Words of the system count for nobody. The visitor is reminded on a page of Foyer's
 * own alone: who came through a helpdesk reads its pages.
 */
const TALKS = (which: string) => `
  (SELECT chats.id, chats.operator_id, chats.accepted_at, departments.remind_operator_seconds, departments.remind_operator_times, departments.unanswered,
          IF(visitors.online = 1 AND chats.desk_id IS NOT NULL AND chats.initiator <> 'helpdesk', departments.remind_visitor_seconds, NULL) AS remind_visitor_seconds,
          IFNULL((SELECT messages.number FROM messages WHERE messages.chat_id = chats.id AND messages.sender = 'operator' ORDER BY messages.number DESC LIMIT 1), 0) AS answered,
          IFNULL((SELECT messages.number FROM messages WHERE messages.chat_id = chats.id AND messages.sender = 'visitor' ORDER BY messages.number DESC LIMIT 1), 0) AS asked
     FROM chats JOIN departments ON departments.id = chats.department_id JOIN visitors ON visitors.id = chats.visitor_id
    WHERE chats.state = 'active' AND (departments.remind_visitor_seconds IS NOT NULL OR departments.remind_operator_seconds IS NOT NULL)${which}) AS talks`;

const DUE = (which: string) => `
  SELECT talks.id, first.number AS about,
         IF(talks.answered > talks.asked, 'remind-visitor', IF(IFNULL(reminders.times, 0) < talks.remind_operator_times, 'remind-operator', 'hand-back')) AS step
    FROM ${TALKS(which)}
    JOIN messages AS first ON first.chat_id = talks.id AND first.number = IF(talks.answered > talks.asked, talks.answered,
         (SELECT MIN(messages.number) FROM messages WHERE messages.chat_id = talks.id AND messages.sender = 'visitor' AND messages.number > talks.answered))
    LEFT JOIN reminders ON reminders.chat_id = talks.id AND reminders.side = IF(talks.answered > talks.asked, 'visitor', 'operator')
         AND reminders.about = first.number AND reminders.operator_id = talks.operator_id
   WHERE (talks.answered > talks.asked AND reminders.times IS NULL AND first.created_at <= NOW(3) - INTERVAL talks.remind_visitor_seconds SECOND)
      OR (talks.answered < talks.asked AND IFNULL(reminders.times, 0) < talks.remind_operator_times + (talks.unanswered = 'queue')
          AND GREATEST(first.created_at, talks.accepted_at) <= NOW(3) - INTERVAL talks.remind_operator_seconds * (IFNULL(reminders.times, 0) + 1) SECOND)`;

function toSilence(row: Row): Silence {
  return { chatId: row['id'], step: row['step'], about: row['about'] };
}

export function reminderStore(work: UnitOfWork): ReminderStore {
  return {
    async due(chatId) {
      const [row] = await work.select(DUE(' AND chats.id = ?'), [chatId]);
      return row && toSilence(row);
    },
    add(chat, side, about) {
      work.later(
        `INSERT INTO reminders (chat_id, side, about, operator_id, times, last_at) VALUES (?, ?, ?, ?, 1, NOW(3))
         ON DUPLICATE KEY UPDATE times = IF(about = VALUES(about) AND operator_id = VALUES(operator_id), times + 1, 1),
           about = VALUES(about), operator_id = VALUES(operator_id), last_at = VALUES(last_at)`,
        [chat.id, side, about, chat.operatorId],
      );
    },
  };
}

export async function readSilences(pool: Pool, limit: number): Promise<Silence[]> {
  return (await rows(pool, `${DUE('')} ORDER BY talks.id LIMIT ?`, [limit])).map(toSilence);
}
