import type { Leftover, Upkeep } from '../domain/upkeep.js';
import { DEPARTMENT_COLUMNS, toDepartment } from './department-rows.js';
import { rows, run, type Pool } from './pool.js';
import { readSilences } from './reminder-store.js';
import { GONE } from './queue-store.js';
import { ACCOUNT_COLUMNS, toAccount } from './rows.js';

/** Rows that one statement deletes: short locks, however much there is. */
const DELETE_AT_ONCE = 5_000;

const OPEN = "'waiting', 'offered', 'active', 'invited'";

export function createUpkeep(pool: Pool): Upkeep {
  return {
    async expiredAccounts(days, limit) {
      const found = await rows(
        pool,
        `SELECT ${ACCOUNT_COLUMNS} FROM accounts
          WHERE accounts.kind IN ('visitor', 'chat') AND accounts.state IN ('wanted', 'ready') AND accounts.online = 0 AND accounts.pooled = 0
            AND accounts.last_used_at < NOW(3) - INTERVAL ? SECOND
            AND NOT EXISTS (SELECT 1 FROM chats WHERE chats.account_id = accounts.id AND chats.state IN (${OPEN}))
          ORDER BY accounts.id LIMIT ?`,
        [Math.round(days * 86_400), limit],
      );
      return found.map(toAccount);
    },
    async idleChats(hours, limit) {
      const found = await rows(
        pool,
        `SELECT chats.id, chats.visitor_id, chats.last_number
           FROM chats JOIN visitors ON visitors.id = chats.visitor_id
           LEFT JOIN messages ON messages.chat_id = chats.id AND messages.number = chats.last_number
          WHERE chats.state IN (${OPEN}) AND (visitors.online = 0 OR chats.initiator = 'helpdesk')
            AND IFNULL(messages.created_at, chats.created_at) < NOW(3) - INTERVAL ? SECOND
          ORDER BY chats.id LIMIT ?`,
        [Math.round(hours * 3_600), limit],
      );
      return found.map((row) => ({
        id: row['id'] as number,
        visitorId: row['visitor_id'] as number,
        lastNumber: row['last_number'] as number,
      }));
    },
    silences: (limit) => readSilences(pool, limit),
    async stalePresence(seconds, limit) {
      const found = await rows(
        pool,
        `SELECT operator_presence.operator_id FROM operator_presence
          WHERE operator_presence.show_state <> 'offline' AND operator_presence.confirmed_at < NOW(3) - INTERVAL ? SECOND LIMIT ?`,
        [seconds, limit],
      );
      return found.map((row) => row['operator_id'] as number);
    },
    async busyDepartments(instanceIds) {
      if (instanceIds?.length === 0) return [];
      const found = await rows(
        pool,
        `SELECT ${DEPARTMENT_COLUMNS} FROM departments
          WHERE (${BUSY.join(' OR ')})${instanceIds === undefined ? '' : ' AND departments.instance_id IN (?)'} ORDER BY departments.id`,
        [instanceIds],
      );
      return found.map(toDepartment);
    },
    async timedOutVisitors(limit) {
      const found = await rows(
        pool,
        `SELECT visitors.id FROM visitors WHERE visitors.online = 1 AND visitors.online_until < NOW(3) ORDER BY visitors.id LIMIT ?`,
        [limit],
      );
      return found.map((row) => row['id'] as number);
    },
    async oldVisitors(days, limit) {
      const found = await rows(
        pool,
        `SELECT visitors.id, visitors.instance_id FROM visitors JOIN instances ON instances.id = visitors.instance_id
           LEFT JOIN chats ON chats.id = visitors.last_chat_id
          WHERE (? OR instances.retention_days IS NOT NULL)
            AND visitors.online = 0 AND visitors.erased_at IS NULL AND visitors.open_chat_id IS NULL
            AND IFNULL(visitors.online_until, visitors.created_at) < NOW(3) - INTERVAL IFNULL(instances.retention_days * 86400, ?) SECOND
            AND IFNULL(chats.closed_at, visitors.created_at) < NOW(3) - INTERVAL IFNULL(instances.retention_days * 86400, ?) SECOND
          ORDER BY visitors.id LIMIT ?`,
        // Where neither the instance nor the settings say a number, nothing is older than nothing.
        [days !== null, ...Array<number | null>(2).fill(days === null ? null : Math.round(days * 86_400)), limit],
      );
      return found.map((row) => ({ id: row['id'] as number, instanceId: row['instance_id'] as number }));
    },
    async endedLeases(limit) {
      const found = await rows(
        pool,
        `SELECT pool_accounts.id, pool_accounts.visitor_id, pool_accounts.account_id FROM pool_accounts
          WHERE pool_accounts.free_at <= NOW(3) AND pool_accounts.visitor_id IS NOT NULL ORDER BY pool_accounts.free_at LIMIT ?`,
        [limit],
      );
      return found.map((row) => ({
        ...{ leaseId: row['id'], visitorId: row['visitor_id'], accountId: row['account_id'] },
      }));
    },
    async chatsWithoutContact(limit) {
      const found = await rows(
        pool,
        `SELECT chats.id, chats.visitor_id FROM chats WHERE chats.no_contact = 1 AND chats.state = 'waiting'
            AND EXISTS (SELECT 1 FROM pool_accounts WHERE pool_accounts.desk_id = chats.desk_id AND pool_accounts.visitor_id IS NULL)
          ORDER BY chats.id LIMIT ?`,
        [limit],
      );
      return found.map((row) => ({ chatId: row['id'] as number, visitorId: row['visitor_id'] as number }));
    },
    async purge(what, days) {
      for (let total = 0; ;) {
        const { affectedRows } = await run(pool, `DELETE ${LEFTOVERS[what]} LIMIT ?`, [
          ...agesOf(what, days),
          DELETE_AT_ONCE,
        ]);
        total += affectedRows;
        if (affectedRows < DELETE_AT_ONCE) return total;
      }
    },
    async leftOver(what, days) {
      const [row] = await rows(pool, `SELECT COUNT(*) AS count ${LEFTOVERS[what]}`, agesOf(what, days));
      return Number(row?.['count']);
    },
  };
}

/** What the dispatcher could have to do with a department. */
const BUSY = [
  `EXISTS (SELECT 1 FROM chats WHERE chats.department_id = departments.id AND chats.state IN ('waiting', 'offered') AND chats.queued_at IS NOT NULL)`,
  "EXISTS (SELECT 1 FROM offers WHERE offers.department_id = departments.id AND offers.state = 'open')",
  `EXISTS (SELECT 1 FROM operator_presence JOIN chats ON chats.operator_id = operator_presence.operator_id AND chats.state = 'active'
    WHERE ${GONE} <= NOW(3) - INTERVAL departments.grace_seconds SECOND AND chats.department_id = departments.id)`,
];

const LEFTOVERS: Record<Leftover, string> = {
  feed: `FROM feed WHERE feed.created_at < NOW(3) - INTERVAL ? DAY
    AND feed.chat_id NOT IN (SELECT chats.id FROM chats WHERE chats.state IN (${OPEN}))`,
  receipts: 'FROM receipts WHERE receipts.received_at < NOW(3) - INTERVAL ? DAY',
  rejected: 'FROM rejected_events WHERE rejected_events.received_at < NOW(3) - INTERVAL ? DAY',
  mails: 'FROM mails WHERE mails.asked_at < NOW(3) - INTERVAL ? DAY',
  reminders: `FROM reminders WHERE reminders.last_at < NOW(3) - INTERVAL ? DAY
    AND reminders.chat_id NOT IN (SELECT chats.id FROM chats WHERE chats.state IN (${OPEN}))`,
  lanes: `FROM lanes WHERE lanes.due_at IS NULL AND lanes.owner IS NULL AND lanes.target <> 'account'
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.lane = lanes.name)`,
  sessions: 'FROM operator_sessions WHERE operator_sessions.expires_at < NOW(3) - INTERVAL ? DAY',
  bans: 'FROM bans WHERE bans.expires_at < NOW(3)',
  occupants:
    'FROM room_occupants WHERE room_occupants.present = 0 AND room_occupants.reported_at < NOW(3) - INTERVAL ? DAY',
};

/** The values that the statement of a kind takes. */
function agesOf(what: Leftover, days: number): number[] {
  return what === 'lanes' || what === 'bans' ? [] : [days];
}
