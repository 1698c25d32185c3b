import type { Candidate, QueueStore } from '../domain/queue/store.js';
import { lockChats } from './chat-store.js';
import { DEPARTMENT_COLUMNS, toDepartment } from './department-rows.js';
import { OPERATOR_SOURCE } from './operator-store.js';
import { offerStore } from './offer-store.js';
import type { Row } from './pool.js';
import { CHAT_COLUMNS, OPERATOR_COLUMNS, toChat, toOperator } from './rows.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Chats that one look of the dispatcher sees: what is left over has its turn with the next one. */
const AT_ONCE = 200;

/** The last chats that tell how long one takes. */
const RECENT = 50;

const IDS = 'SELECT chats.id FROM chats WHERE chats.department_id = ?';
/** Those that have a place in the queue. */
const WAITING = "chats.department_id = ? AND chats.state = 'waiting' AND chats.queued_at IS NOT NULL";

export function queueStore(work: UnitOfWork): QueueStore {
  const idsOf = (found: Row[]): number[] => found.map((row) => row['id'] as number);
  const count = async (sql: string, values: unknown[]): Promise<number> =>
    Number((await work.select(sql, values))[0]?.['count']);
  /** Chats given and freed here that the database doesn't have before the commit. */
  const changeOf = (operatorId: number): number => {
    let change = 0;
    for (const { now, stored } of work.chats.all()) {
      if (stored.state === 'active' && stored.operatorId === operatorId) change -= 1;
      if (now.state === 'active' && now.operatorId === operatorId) change += 1;
    }
    return change;
  };
  return {
    ...offerStore(work),
    async lock(instanceId) {
      // SYSDATE is the time after the wait for the lock, where NOW would be the time before it.
      const [row] = await work.select(
        'SELECT instances.id, SYSDATE(3) AS now FROM instances WHERE instances.id = ? FOR UPDATE',
        [instanceId],
      );
      return row?.['now'] as Date;
    },
    wake: (instanceId) => void work.pending.queues.push(instanceId),
    async department(id) {
      const [row] = await work.select(`SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.id = ?`, [id]);
      if (!row) throw new Error(`Department ${id} is gone`);
      return toDepartment(row);
    },
    async candidates({ id }) {
      const found = await work.select(
        `${candidatesWith('operator_departments.priority')}
         JOIN operator_departments ON operator_departments.operator_id = operators.id AND operator_departments.department_id = ?
          AND operator_departments.access <> 'monitor'`,
        [id],
      );
      return found.map((row) => toCandidate(row, changeOf(row['id'] as number)));
    },
    async candidate(operatorId) {
      const [row] = await work.select(`${candidatesWith('1')} WHERE operators.id = ?`, [operatorId]);
      return row && toCandidate(row, changeOf(operatorId));
    },
    async load(operatorId) {
      const stored = await count(
        "SELECT COUNT(*) AS count FROM chats WHERE chats.operator_id = ? AND chats.state = 'active'",
        [operatorId],
      );
      return stored + changeOf(operatorId);
    },
    ahead: ({ id, departmentId, queuedAt }) =>
      count(
        `SELECT COUNT(*) AS count FROM chats WHERE ${WAITING} AND (chats.queued_at, chats.id) < (?, ?) AND chats.id <> ?`,
        [departmentId, queuedAt, id, id],
      ),
    waiting: (departmentId) => count(`SELECT COUNT(*) AS count FROM chats WHERE ${WAITING}`, [departmentId]),
    async lastOperators(chatIds) {
      if (chatIds.length === 0) return new Map();
      const found = await work.select(
        `SELECT chats.id, (SELECT earlier.operator_id FROM chats earlier WHERE earlier.visitor_id = chats.visitor_id AND earlier.id < chats.id
                             AND earlier.operator_id IS NOT NULL ORDER BY earlier.id DESC LIMIT 1) AS last
           FROM chats WHERE chats.id IN (?)`,
        [chatIds],
      );
      return new Map(found.flatMap((row) => (row['last'] === null ? [] : [[row['id'], row['last']] as const])));
    },
    async due({ id, overflowDepartmentId, overflowSeconds, graceSeconds }) {
      const inState = (state: string) => ({
        sql: `${IDS} AND chats.state = ? AND chats.queued_at IS NOT NULL AND chats.no_contact = 0 ORDER BY chats.queued_at, chats.id LIMIT ?`,
        values: [id, state, AT_ONCE],
      });
      const [waiting = [], offered = [], overflowing = [], orphaned = [], expired = []] = await work.selectTogether([
        inState('waiting'),
        inState('offered'),
        {
          sql: `${IDS} AND chats.state IN ('waiting', 'offered') AND chats.overflowed = 0 AND chats.queued_at IS NOT NULL
                  AND ? AND chats.waiting_since <= NOW(3) - INTERVAL ? SECOND LIMIT ?`,
          values: [id, overflowDepartmentId === null ? 0 : 1, overflowSeconds, AT_ONCE],
        },
        { sql: `${ORPHANED} AND chats.department_id = ? LIMIT ?`, values: [graceSeconds, id, AT_ONCE] },
        {
          sql: `SELECT DISTINCT offers.chat_id AS id FROM offers
                 WHERE offers.department_id = ? AND offers.state = 'open' AND offers.expires_at <= NOW(3) LIMIT ?`,
          values: [id, AT_ONCE],
        },
      ]);
      return {
        ...{ waiting: idsOf(waiting), offered: idsOf(offered), overflowing: idsOf(overflowing) },
        ...{ orphaned: idsOf(orphaned), expired: idsOf(expired) },
      };
    },
    lockFree: async (chatIds) => {
      await lockChats(work, chatIds, 'SKIP LOCKED');
      return chatIds.flatMap((id) => work.chats.find(id) ?? []);
    },
    async displaced(departmentId, limit) {
      const found = await work.select(
        `SELECT ranked.id, ranked.place FROM (
           SELECT chats.id, chats.position, ROW_NUMBER() OVER (ORDER BY chats.queued_at, chats.id) AS place FROM chats WHERE ${WAITING}
         ) ranked WHERE ranked.position IS NULL OR ranked.position <> ranked.place ORDER BY ranked.place LIMIT ?`,
        [departmentId, limit],
      );
      return found.map((row) => ({ chatId: row['id'] as number, position: Number(row['place']) }));
    },
    async handlingSeconds(departmentId) {
      const [row] = await work.select(
        `SELECT AVG(TIMESTAMPDIFF(MICROSECOND, recent.accepted_at, recent.closed_at)) / 1000000 AS seconds FROM (
           SELECT chats.accepted_at, chats.closed_at FROM chats
            WHERE chats.department_id = ? AND chats.state = 'closed' AND chats.accepted_at IS NOT NULL
            ORDER BY chats.queued_at DESC LIMIT ?
         ) recent`,
        [departmentId, RECENT],
      );
      return row?.['seconds'] == null ? null : Number(row['seconds']);
    },
    markIdle(operatorId) {
      work.later('UPDATE operator_presence SET idle_since = NOW(3) WHERE operator_id = ?', [operatorId]);
    },
    async unowned(departmentIds, limit) {
      if (departmentIds.length === 0) return [];
      const found = await work.select(
        `SELECT ${CHAT_COLUMNS} FROM chats WHERE chats.department_id IN (?) AND chats.state IN ('waiting', 'offered') AND chats.queued_at IS NOT NULL
          ORDER BY chats.queued_at, chats.id LIMIT ?`,
        [departmentIds, limit],
      );
      return found.map(toChat);
    },
    async operators(instanceId) {
      const found = await work.select(
        `${OPERATOR_SOURCE} WHERE operators.instance_id = ? AND operators.disabled_at IS NULL ORDER BY operators.id`,
        [instanceId],
      );
      return found.map(toOperator);
    },
    async departments(instanceId) {
      const found = await work.select(
        `SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.instance_id = ? ORDER BY departments.id`,
        [instanceId],
      );
      return found.map(toDepartment);
    },
    earlierChats: ({ id, visitorId }) =>
      count('SELECT COUNT(*) AS count FROM chats WHERE chats.visitor_id = ? AND chats.id < ?', [visitorId, id]),
    async chatByNumber(instanceId, number) {
      const [row] = await work.select('SELECT chats.id FROM chats WHERE chats.instance_id = ? AND chats.number = ?', [
        instanceId,
        number,
      ]);
      return row?.['id'] as number | undefined;
    },
  };
}

const offersOf = (condition: string): string =>
  `(SELECT COUNT(*) FROM offers WHERE offers.operator_id = operators.id AND offers.state = 'open' AND offers.kind ${condition})`;

/** Operators who are there, approved, on duty and not paused; a condition or another table follows. */
const candidatesWith = (
  priority: string,
): string => `SELECT ${OPERATOR_COLUMNS}, ${priority} AS priority, operator_presence.show_state, operator_presence.idle_since,
    (SELECT COUNT(*) FROM chats WHERE chats.operator_id = operators.id AND chats.state = 'active') AS owned,
    ${offersOf("<> 'all'")} AS asked, ${offersOf("= 'all'")} AS shown,
    (SELECT MAX(offers.id) FROM offers WHERE offers.operator_id = operators.id) AS last_asked
  FROM operators
  JOIN accounts ON accounts.id = operators.account_id AND operators.disabled_at IS NULL AND operators.paused = 0 AND operators.off_duty = 0 AND operators.approved = 1
  JOIN operator_presence ON operator_presence.operator_id = operators.id AND operator_presence.show_state IN ('chat', 'available', 'away')`;

function toCandidate(row: Row, change: number): Candidate {
  return {
    operator: toOperator(row),
    priority: row['priority'],
    show: row['show_state'],
    load: Number(row['owned']) + change,
    asked: Number(row['asked']),
    shown: Number(row['shown']),
    idleSince: row['idle_since'],
    lastAsked: Number(row['last_asked'] ?? 0),
  };
}

/** Since when an operator has been neither in a client nor in the helpdesk's pages; in the future while it is there. */
export const GONE =
  'GREATEST(operator_presence.offline_since, IFNULL(operator_presence.web_until, operator_presence.offline_since))';

/** Active chats whose owner has had no client and been in no page of the helpdesk for longer than the grace, and has written nothing since. */
export const ORPHANED = `SELECT chats.id FROM operator_presence
  JOIN chats ON chats.operator_id = operator_presence.operator_id AND chats.state = 'active' AND chats.accepted_at <= ${GONE}
  WHERE ${GONE} <= NOW(3) - INTERVAL ? SECOND
    AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.chat_id = chats.id AND messages.operator_id = chats.operator_id
                      AND messages.created_at > ${GONE})`;
