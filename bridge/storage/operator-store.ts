import type { OperatorStore } from '../domain/ports.js';
import { SHOW_ORDER, type Access, type Operator, type OperatorPresence } from '../domain/operators/operator.js';
import { OPERATOR_COLUMNS, toOperator } from './rows.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** How many operators are asked at most about one waiting chat. */
const OFFERED_AT_MOST = 50;

const OFFLINE: OperatorPresence = { show: 'offline', status: '', priority: 0, resources: 0 };

function toPresence(row: Row): OperatorPresence {
  return { show: row['show_state'], status: row['status'], priority: row['priority'], resources: row['resources'] };
}

/** Operators with the addresses of their accounts; a condition follows. */
export const OPERATOR_SOURCE = `SELECT ${OPERATOR_COLUMNS} FROM operators JOIN accounts ON accounts.id = operators.account_id`;

export function operatorStore(work: UnitOfWork): OperatorStore {
  const byId = work.operators;
  const byAccount = new Map<number, Operator | undefined>();
  const forget = () => {
    byId.clear();
    byAccount.clear();
  };
  const readByAccounts = async (accountIds: readonly number[]) => {
    const missing = [...new Set(accountIds)].filter((id) => !byAccount.has(id));
    if (missing.length === 0) return;
    for (const id of missing) byAccount.set(id, undefined);
    const found = await work.select(
      `${OPERATOR_SOURCE} WHERE operators.account_id IN (?) AND operators.disabled_at IS NULL`,
      [missing],
    );
    for (const operator of found.map(toOperator)) byAccount.set(operator.accountId, operator);
  };
  return {
    async get(id) {
      if (byId.has(id)) return byId.get(id);
      const [row] = await work.select(`${OPERATOR_SOURCE} WHERE operators.id = ?`, [id]);
      const operator = row && toOperator(row);
      byId.set(id, operator);
      return operator;
    },
    async byAccount(accountId) {
      await readByAccounts([accountId]);
      return byAccount.get(accountId);
    },
    readByAccounts,
    async online(departmentId) {
      const found = await work.select(
        `SELECT ${OPERATOR_COLUMNS} FROM operator_departments
           JOIN operators ON operators.id = operator_departments.operator_id AND operators.disabled_at IS NULL
           JOIN accounts ON accounts.id = operators.account_id
           JOIN operator_presence ON operator_presence.operator_id = operators.id
          WHERE operator_departments.department_id = ? AND operator_departments.access <> 'monitor'
            AND operators.approved = 1 AND operator_presence.show_state IN (?)
          ORDER BY FIELD(operator_presence.show_state, ?), operators.id LIMIT ?`,
        [departmentId, SHOW_ORDER, SHOW_ORDER, OFFERED_AT_MOST],
      );
      return found.map(toOperator);
    },
    async departments(operatorId) {
      const found = await work.select('SELECT department_id FROM operator_departments WHERE operator_id = ?', [
        operatorId,
      ]);
      return found.map((row) => row['department_id'] as number);
    },
    async setPresence(operatorId, presence, reportedAt) {
      const [row] = await work.select(
        'SELECT show_state, status, priority, resources, reported_at FROM operator_presence WHERE operator_id = ? FOR UPDATE',
        [operatorId],
      );
      const stored = row?.['reported_at'] as Date | undefined;
      if (stored && reportedAt !== null && stored > reportedAt) return null;
      // A report from a clock that is ahead would else stand against all others until that time has come.
      await work.write(
        `INSERT INTO operator_presence (operator_id, show_state, status, priority, resources, reported_at, offline_since, confirmed_at)
           VALUES (?, LEAST(CAST(? AS DATETIME(3)), NOW(3)), IF(? = 'offline', NOW(3), NULL), NOW(3))
         ON DUPLICATE KEY UPDATE offline_since = IF(VALUES(show_state) = 'offline', IFNULL(offline_since, NOW(3)), NULL),
           show_state = VALUES(show_state), status = VALUES(status), priority = VALUES(priority), resources = VALUES(resources),
           reported_at = VALUES(reported_at), confirmed_at = VALUES(confirmed_at)`,
        [
          [operatorId, presence.show, presence.status, presence.priority, presence.resources],
          reportedAt ?? stored ?? new Date(0),
          presence.show,
        ],
      );
      return { before: row ? toPresence(row) : OFFLINE };
    },
    async setWebPresence(operatorId, seconds) {
      // When it ends before its time the grace begins now, not where it would have ended.
      await work.write(
        `INSERT INTO operator_presence (operator_id, show_state, status, priority, resources, reported_at, confirmed_at, offline_since, web_until)
           VALUES (?, 'offline', '', 0, 0, ?, NOW(3), NOW(3), NOW(3) + INTERVAL ? SECOND)
         ON DUPLICATE KEY UPDATE web_until = IF(? > 0, VALUES(web_until), LEAST(web_until, NOW(3)))`,
        [operatorId, new Date(0), seconds, seconds],
      );
    },
    async isInWeb(operatorId) {
      const [row] = await work.select(
        'SELECT operator_presence.web_until > NOW(3) AS web FROM operator_presence WHERE operator_presence.operator_id = ?',
        [operatorId],
      );
      return row?.['web'] === 1;
    },
    async onlineIds(host) {
      const found = await work.select(
        `SELECT operator_presence.operator_id FROM operator_presence
           JOIN operators ON operators.id = operator_presence.operator_id
           JOIN accounts ON accounts.id = operators.account_id
          WHERE accounts.host = ? AND operator_presence.show_state <> 'offline'`,
        [host],
      );
      return found.map((row) => row['operator_id'] as number);
    },
    async memberships(operatorId) {
      const found = await work.select(
        'SELECT department_id, priority, access FROM operator_departments WHERE operator_id = ? ORDER BY department_id',
        [operatorId],
      );
      return found.map((row) => ({
        departmentId: row['department_id'] as number,
        priority: row['priority'] as number,
        access: row['access'] as Access,
      }));
    },
    async create({ instanceId, accountId, name, jid, maxChats, approved }) {
      const id = await work.insert(
        'INSERT INTO operators (instance_id, account_id, name, max_chats, approved, created_at) VALUES (?)',
        [[instanceId, accountId, name, maxChats, approved ? 1 : 0, work.now]],
      );
      forget();
      return {
        id,
        instanceId,
        accountId,
        name,
        jid,
        maxChats,
        paused: false,
        offDuty: false,
        manager: false,
        language: 'en',
        ...{ skills: [], speaks: [], preview: false, approved },
        disabled: false,
      };
    },
    async lock(instanceId, id) {
      const [row] = await work.select(
        `${OPERATOR_SOURCE} WHERE operators.id = ? AND operators.instance_id = ? FOR UPDATE`,
        [id, instanceId],
      );
      return row && toOperator(row);
    },
    async update({
      id,
      name,
      maxChats,
      paused,
      offDuty,
      manager,
      language,
      skills,
      speaks,
      preview,
      approved,
      disabled,
    }) {
      await work.write(
        'UPDATE operators SET name = ?, max_chats = ?, paused = ?, off_duty = ?, manager = ?, language = ?, skills = ?, speaks = ?, preview = ?, approved = ?, disabled_at = IF(?, IFNULL(disabled_at, ?), NULL) WHERE id = ?',
        [
          ...[
            name,
            maxChats,
            paused ? 1 : 0,
            offDuty ? 1 : 0,
            manager ? 1 : 0,
            language,
            JSON.stringify(skills),
            JSON.stringify(speaks),
          ],
          ...[preview ? 1 : 0, approved ? 1 : 0, disabled ? 1 : 0, work.now, id],
        ],
      );
      forget();
    },
    async setMemberships(operatorId, memberships) {
      await work.write('DELETE FROM operator_departments WHERE operator_id = ?', [operatorId]);
      if (memberships.length === 0) return;
      await work.write('INSERT INTO operator_departments (operator_id, department_id, priority, access) VALUES ?', [
        memberships.map(({ departmentId, priority, access }) => [operatorId, departmentId, priority, access]),
      ]);
    },
    async openChats(operatorId) {
      const found = await work.select(
        "SELECT chats.id FROM chats WHERE chats.operator_id = ? AND chats.state IN ('active', 'invited') ORDER BY chats.id",
        [operatorId],
      );
      return found.map((row) => row['id'] as number);
    },
  };
}
