import type { Upkeep } from '../domain/upkeep.js';
import { rows, run, type Pool } from './pool.js';
import { ACCOUNT_COLUMNS, toAccount } from './rows.js';

/** Rows that one statement deletes: short locks, however much there is. */
const DELETE_AT_ONCE = 5_000;

const OPEN = "'waiting', 'offered', 'active', 'invited'";

export function createUpkeep(pool: Pool): Upkeep {
  const purge = async (sql: string, values: unknown[]): Promise<number> => {
    let total = 0;
    for (;;) {
      const { affectedRows } = await run(pool, `${sql} LIMIT ?`, [...values, DELETE_AT_ONCE]);
      total += affectedRows;
      if (affectedRows < DELETE_AT_ONCE) return total;
    }
  };
  return {
    async expiredAccounts(days, limit) {
      const found = await rows(
        pool,
        `SELECT ${ACCOUNT_COLUMNS} FROM accounts
          WHERE accounts.kind IN ('visitor', 'chat') AND accounts.state IN ('wanted', 'ready') AND accounts.online = 0
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
    async stalePresence(seconds, limit) {
      const found = await rows(
        pool,
        `SELECT operator_presence.operator_id FROM operator_presence
          WHERE operator_presence.show_state <> 'offline' AND operator_presence.confirmed_at < NOW(3) - INTERVAL ? SECOND LIMIT ?`,
        [seconds, limit],
      );
      return found.map((row) => row['operator_id'] as number);
    },
    purgeFeed: (days) =>
      purge(
        `DELETE FROM feed WHERE feed.created_at < NOW(3) - INTERVAL ? DAY
            AND feed.chat_id NOT IN (SELECT chats.id FROM chats WHERE chats.state IN (${OPEN}))`,
        [days],
      ),
    purgeReceipts: (days) => purge('DELETE FROM receipts WHERE receipts.received_at < NOW(3) - INTERVAL ? DAY', [days]),
    purgeRejected: (days) =>
      purge('DELETE FROM rejected_events WHERE rejected_events.received_at < NOW(3) - INTERVAL ? DAY', [days]),
    purgeLanes: () =>
      purge(
        `DELETE FROM lanes WHERE lanes.due_at IS NULL AND lanes.owner IS NULL AND lanes.target = 'helpdesk'
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.lane = lanes.name)`,
        [],
      ),
  };
}
