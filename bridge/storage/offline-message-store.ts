import type { OfflineMessageStore } from '../domain/desk-ports.js';
import type { OfflineMessage } from '../domain/offline/offline-message.js';
import type { OfflineMessageFilter, OfflineMessageView } from '../domain/helpdesk-reads.js';
import { readRows, type Pool, type Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

const COLUMNS =
  'offline_messages.id, offline_messages.instance_id, offline_messages.visitor_id, offline_messages.desk_id, offline_messages.department_id, ' +
  'offline_messages.name, offline_messages.email, offline_messages.text, offline_messages.page_url, offline_messages.language, offline_messages.created_at, offline_messages.done_at';

const UNTOLD = `FROM operators JOIN operator_departments ON operator_departments.operator_id = operators.id
  JOIN offline_messages ON offline_messages.department_id = operator_departments.department_id
 WHERE operators.id = ? AND offline_messages.id > operators.offline_told AND offline_messages.done_at IS NULL`;

function toOfflineMessage(row: Row): OfflineMessage {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    visitorId: row['visitor_id'],
    deskId: row['desk_id'],
    departmentId: row['department_id'],
    name: row['name'],
    email: row['email'],
    text: row['text'],
    pageUrl: row['page_url'],
    language: row['language'],
    createdAt: row['created_at'],
    doneAt: row['done_at'],
  };
}

export function offlineMessageStore(work: UnitOfWork): OfflineMessageStore {
  return {
    async create(message, clientId) {
      const { instanceId, visitorId, deskId, departmentId, name, email, text, pageUrl, language } = message;
      const id = await work.insert(
        'INSERT INTO offline_messages (instance_id, visitor_id, desk_id, department_id, name, email, text, page_url, language, client_id, created_at) VALUES (?)',
        [[instanceId, visitorId, deskId, departmentId, name, email, text, pageUrl, language, clientId, work.now]],
      );
      return { ...message, id, createdAt: work.now, doneAt: null };
    },
    async lock(instanceId, id) {
      const [row] = await work.select(
        `SELECT ${COLUMNS} FROM offline_messages WHERE offline_messages.id = ? AND offline_messages.instance_id = ? FOR UPDATE`,
        [id, instanceId],
      );
      return row && toOfflineMessage(row);
    },
    setDone(id, at) {
      work.later('UPDATE offline_messages SET done_at = ? WHERE id = ?', [at, id]);
    },
    async untold(operatorId, most) {
      const [[figures] = [], newest = []] = await work.selectTogether([
        {
          sql: `SELECT COUNT(*) AS count, MIN(offline_messages.created_at) AS since, MAX(offline_messages.id) AS last_id ${UNTOLD}`,
          values: [operatorId],
        },
        { sql: `SELECT ${COLUMNS} ${UNTOLD} ORDER BY offline_messages.id DESC LIMIT ?`, values: [operatorId, most] },
      ]);
      return {
        ...{ count: Number(figures?.['count']), since: figures?.['since'] as Date | null },
        ...{ newest: newest.map(toOfflineMessage), lastId: Number(figures?.['last_id']) },
      };
    },
    async told(operatorIds, id) {
      await work.write(
        `UPDATE operators SET offline_told = ? WHERE operators.id IN (?) AND offline_told < ? AND NOT EXISTS (
           SELECT 1 FROM offline_messages JOIN operator_departments ON operator_departments.department_id = offline_messages.department_id
            WHERE operator_departments.operator_id = operators.id AND offline_messages.done_at IS NULL
              AND offline_messages.id > operators.offline_told AND offline_messages.id < ?)`,
        [id, operatorIds, id, id],
      );
    },
    toldAll(operatorId, id) {
      work.later('UPDATE operators SET offline_told = ? WHERE id = ?', [id, operatorId]);
    },
    async byClientId(visitorId, clientId) {
      const [row] = await work.select(
        `SELECT ${COLUMNS} FROM offline_messages WHERE offline_messages.visitor_id = ? AND offline_messages.client_id = ?`,
        [visitorId, clientId],
      );
      return row && toOfflineMessage(row);
    },
  };
}

/** Newest first. */
export async function readOfflineMessages(
  pool: Pool,
  instanceId: number,
  { departmentId, done, before, limit }: OfflineMessageFilter,
): Promise<OfflineMessageView[]> {
  const where = ['offline_messages.instance_id = ?'];
  const values: unknown[] = [instanceId];
  const add = (condition: string, value: unknown): void => {
    where.push(condition);
    values.push(value);
  };
  if (departmentId !== undefined) add('offline_messages.department_id = ?', departmentId);
  if (done !== undefined) where.push(`offline_messages.done_at IS ${done ? 'NOT NULL' : 'NULL'}`);
  if (before !== undefined) add('offline_messages.id < ?', before);
  const found = await readRows(
    pool,
    `SELECT ${COLUMNS}, visitors.external_id, visitors.nick, desks.desk_key, departments.name AS department_name FROM offline_messages
       JOIN visitors ON visitors.id = offline_messages.visitor_id
       LEFT JOIN desks ON desks.id = offline_messages.desk_id LEFT JOIN departments ON departments.id = offline_messages.department_id
      WHERE ${where.join(' AND ')} ORDER BY offline_messages.id DESC LIMIT ?`,
    [...values, limit],
  );
  return found.map((row) => ({
    message: toOfflineMessage(row),
    visitor: { externalId: row['external_id'], nick: row['nick'] },
    deskKey: row['desk_key'],
    departmentName: row['department_name'],
  }));
}
