import type { AccountState } from '../domain/accounts/account.js';
import type { ChatView, HelpdeskReads, OperatorView, VisitorFilter, VisitorView } from '../domain/helpdesk-reads.js';
import { SHOW_ORDER } from '../domain/operators/operator.js';
import type { ChatFilter } from '../domain/reads.js';
import { isOpen } from '../domain/chats/chat.js';
import { readBans } from './ban-store.js';
import { readCannedReplies } from './canned-reply-store.js';
import { openSecrets } from './callback-targets.js';
import type { SecretBox } from '../shared/box.js';
import { DEAD_LETTER_COLUMNS, toDeadLetter } from './dead-letter-store.js';
import { DEPARTMENT_COLUMNS, toDepartment } from './department-rows.js';
import { readOfflineMessages } from './offline-message-store.js';
import { readRows, type Pool, type Row } from './pool.js';
import { listRejected } from './rejected-events.js';
import {
  CHAT_COLUMNS,
  DESK_COLUMNS,
  OPERATOR_COLUMNS,
  VISITOR_COLUMNS,
  toChat,
  toDesk,
  toOperator,
  toVisitor,
} from './rows.js';

/** How many operators a chat is shown with at most. */
const OPERATORS_AT_MOST = 50;

export function createHelpdeskReads(pool: Pool, box: SecretBox): HelpdeskReads {
  const many = async <T>(sql: string, values: unknown[], read: (row: Row) => T): Promise<T[]> =>
    (await readRows(pool, sql, values)).map(read);
  return {
    chats: (instanceId, filter) => readChats(pool, instanceId, filter),
    visitors: (instanceId, filter) => readVisitors(pool, instanceId, filter),
    async chat(instanceId, id) {
      const [row] = await readRows(pool, `${CHAT_VIEW} WHERE chats.instance_id = ? AND chats.id = ?`, [instanceId, id]);
      return row && toChatView(row);
    },
    asked: (chatId) =>
      many(
        `SELECT ${OPERATOR_COLUMNS} FROM chat_participants
           JOIN operators ON operators.id = chat_participants.operator_id AND operators.disabled_at IS NULL
           JOIN accounts ON accounts.id = operators.account_id
          WHERE chat_participants.chat_id = ? AND chat_participants.role = 'offered' ORDER BY chat_participants.joined_at, operators.id LIMIT ?`,
        [chatId, OPERATORS_AT_MOST],
        toOperator,
      ),
    online: (departmentId) =>
      many(
        `SELECT ${OPERATOR_COLUMNS} FROM operator_departments
           JOIN operators ON operators.id = operator_departments.operator_id AND operators.disabled_at IS NULL
           JOIN accounts ON accounts.id = operators.account_id
           JOIN operator_presence ON operator_presence.operator_id = operators.id
          WHERE operator_departments.department_id = ? AND operator_departments.access <> 'monitor'
            AND operators.approved = 1 AND operator_presence.show_state IN (?)
          ORDER BY FIELD(operator_presence.show_state, ?), operators.id LIMIT ?`,
        [departmentId, SHOW_ORDER, SHOW_ORDER, OPERATORS_AT_MOST],
        toOperator,
      ),
    operators: (instanceId) => readOperators(pool, instanceId, null),
    operator: async (instanceId, id) => (await readOperators(pool, instanceId, id))[0],
    async departments(instanceId) {
      const found = await many(
        `SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.instance_id = ? ORDER BY departments.id`,
        [instanceId],
        toDepartment,
      );
      const members = await readRows(
        pool,
        `SELECT operator_departments.department_id, operator_departments.operator_id FROM operator_departments
           JOIN operators ON operators.id = operator_departments.operator_id AND operators.disabled_at IS NULL
          WHERE operators.instance_id = ? ORDER BY operators.id`,
        [instanceId],
      );
      return found.map((department) => ({
        department,
        operatorIds: members
          .filter((row) => row['department_id'] === department.id)
          .map((row) => row['operator_id'] as number),
      }));
    },
    desks: (instanceId) =>
      many(`SELECT ${DESK_COLUMNS} FROM desks WHERE desks.instance_id = ? ORDER BY desks.id`, [instanceId], toDesk),
    async accountStates(ids) {
      if (ids.length === 0) return new Map();
      const found = await readRows(pool, 'SELECT accounts.id, accounts.state FROM accounts WHERE accounts.id IN (?)', [
        ids,
      ]);
      return new Map(found.map((row) => [row['id'] as number, row['state'] as AccountState]));
    },
    lanes: (instanceId, limit) =>
      many(
        // A lane's error is its first entry's: another instance's in the service account's lane is none of this one's business.
        `SELECT lanes.name, lanes.target, lanes.attempts, lanes.due_at, lanes.owner, accounts.local, accounts.host,
                IF(MIN(outbox.id) = (SELECT MIN(entries.id) FROM outbox AS entries WHERE entries.lane = lanes.name), lanes.last_error, NULL) AS last_error,
                COUNT(*) AS depth, MIN(outbox.created_at) AS oldest
           FROM lanes JOIN outbox ON outbox.lane = lanes.name LEFT JOIN accounts ON accounts.id = lanes.account_id
          WHERE outbox.instance_id = ? GROUP BY lanes.name ORDER BY oldest LIMIT ?`,
        [instanceId, limit],
        (row) => ({
          name: row['name'],
          target: row['target'],
          accountJid: row['local'] === null ? null : `${row['local']}@${row['host']}`,
          depth: Number(row['depth']),
          attempts: row['attempts'],
          lastError: row['last_error'],
          nextAt: row['owner'] === null ? row['due_at'] : null,
          oldestAt: row['oldest'],
        }),
      ),
    deadLetters: (instanceId, before, limit) =>
      many(
        `SELECT ${DEAD_LETTER_COLUMNS} FROM dead_letters WHERE dead_letters.instance_id = ?${before === undefined ? '' : ' AND dead_letters.id < ?'}
          ORDER BY dead_letters.id DESC LIMIT ?`,
        [instanceId, ...(before === undefined ? [] : [before]), limit],
        toDeadLetter,
      ),
    rejectedEvents: (instanceId, before, limit) => listRejected(pool, { instanceId, before, limit }),
    bans: (instanceId, filter) => readBans(pool, instanceId, filter),
    cannedReplies: (instanceId) => readCannedReplies(pool, instanceId),
    offlineMessages: (instanceId, filter) => readOfflineMessages(pool, instanceId, filter),
    async callback(instanceId) {
      const [row] = await readRows(
        pool,
        'SELECT instances.callback_url, instances.callback_secrets_box FROM instances WHERE instances.id = ?',
        [instanceId],
      );
      return {
        url: row?.['callback_url'] ?? null,
        secrets: openSecrets(box, row?.['callback_secrets_box'] ?? null).length,
      };
    },
  };
}

/** A chat with what stands around it, for `toChatView`. */
export const CHAT_VIEW = `SELECT ${CHAT_COLUMNS}, visitors.external_id, visitors.member, visitors.nick, visitors.email, visitors.language, visitors.online,
    contact.local AS contact_local, contact.host AS contact_host, contact.state AS contact_state, desks.desk_key, departments.name AS department_name,
    operators.name AS operator_name, operators.account_id AS operator_account_id, operators.max_chats, operators.paused, operators.off_duty, operators.manager,
    operators.language AS operator_language, operators.skills, operators.speaks, operators.preview, operators.approved, operators.disabled_at,
    owner.local AS owner_local, owner.host AS owner_host,
    (SELECT messages.created_at FROM messages WHERE messages.chat_id = chats.id AND messages.number = chats.last_number) AS last_message_at,
    (SELECT JSON_ARRAYAGG(JSON_OBJECT('id', watchers.id, 'name', watchers.name)) FROM supervisions
       JOIN operators watchers ON watchers.id = supervisions.operator_id
      WHERE supervisions.chat_id = chats.id AND supervisions.kind = 'watch' AND supervisions.ended_at IS NULL) AS watchers
  FROM chats
  JOIN visitors ON visitors.id = chats.visitor_id
  LEFT JOIN accounts contact ON contact.id = chats.account_id
  LEFT JOIN desks ON desks.id = chats.desk_id
  LEFT JOIN departments ON departments.id = chats.department_id
  LEFT JOIN operators ON operators.id = chats.operator_id
  LEFT JOIN accounts owner ON owner.id = operators.account_id`;

export function toChatView(row: Row): ChatView {
  const chat = toChat(row);
  return {
    chat,
    visitor: {
      id: chat.visitorId,
      externalId: row['external_id'],
      verified: row['member'] === 1,
      nick: row['nick'],
      email: row['email'],
      language: row['language'],
      online: row['online'] === 1,
    },
    account: { jid: `${row['contact_local']}@${row['contact_host']}`, state: row['contact_state'] ?? 'removed' },
    deskKey: row['desk_key'],
    department: row['department_name'] === null ? null : { id: chat.departmentId, name: row['department_name'] },
    watchers: watchersIn(row['watchers']),
    lastMessageAt: row['last_message_at'],
    operator:
      row['operator_name'] === null || chat.operatorId === null
        ? null
        : {
            id: chat.operatorId,
            instanceId: chat.instanceId,
            accountId: row['operator_account_id'],
            name: row['operator_name'],
            jid: `${row['owner_local']}@${row['owner_host']}`,
            maxChats: row['max_chats'],
            paused: row['paused'] === 1,
            offDuty: row['off_duty'] === 1,
            manager: row['manager'] === 1,
            language: row['operator_language'],
            skills: JSON.parse(row['skills'] as string),
            speaks: JSON.parse(row['speaks'] as string),
            preview: row['preview'] === 1,
            approved: row['approved'] === 1,
            disabled: row['disabled_at'] !== null,
          },
  };
}

/** The driver reads MySQL's JSON by itself, and MariaDB's not. */
function watchersIn(json: unknown): ChatView['watchers'] {
  if (json === null) return [];
  return (typeof json === 'string' ? JSON.parse(json) : json) as ChatView['watchers'];
}

async function readChats(
  pool: Pool,
  instanceId: number,
  { ids, states, visitorId, before, limit }: ChatFilter,
): Promise<ChatView[]> {
  const where = ['chats.instance_id = ?'];
  const values: unknown[] = [instanceId];
  const add = (condition: string, value: unknown): void => {
    where.push(condition);
    values.push(value);
  };
  if (ids !== undefined) add('chats.id IN (?)', ids);
  if (states !== undefined) add('chats.state IN (?)', states);
  if (visitorId !== undefined) add('chats.visitor_id = ?', visitorId);
  if (before !== undefined) add('chats.id < ?', before);
  return (
    await readRows(pool, `${CHAT_VIEW} WHERE ${where.join(' AND ')} ORDER BY chats.id DESC LIMIT ?`, [...values, limit])
  ).map(toChatView);
}

async function readVisitors(
  pool: Pool,
  instanceId: number,
  { id, externalId, online, before, limit }: VisitorFilter,
): Promise<VisitorView[]> {
  const where = ['visitors.instance_id = ?'];
  const values: unknown[] = [instanceId];
  const add = (condition: string, value: unknown): void => {
    where.push(condition);
    values.push(value);
  };
  if (id !== undefined) add('visitors.id = ?', id);
  if (externalId !== undefined) add('visitors.external_id = ?', externalId);
  if (online !== undefined) add('visitors.online = ?', online ? 1 : 0);
  if (before !== undefined) add('visitors.id < ?', before);
  const found = await readRows(
    pool,
    `SELECT ${VISITOR_COLUMNS}, desks.desk_key, contact.local, contact.host, contact.state FROM visitors
       LEFT JOIN desks ON desks.id = visitors.desk_id LEFT JOIN accounts contact ON contact.id = visitors.account_id
      WHERE ${where.join(' AND ')} ORDER BY visitors.id DESC LIMIT ?`,
    [...values, limit],
  );
  const ids = found.flatMap((row) => (row['open_chat_id'] === null ? [] : [row['open_chat_id'] as number]));
  const chats = ids.length === 0 ? [] : await readChats(pool, instanceId, { ids, limit: ids.length });
  return found.map((row) => {
    const chat = chats.find((view) => view.chat.id === row['open_chat_id']);
    return {
      visitor: toVisitor(row),
      deskKey: row['desk_key'],
      account: row['local'] === null ? null : { jid: `${row['local']}@${row['host']}`, state: row['state'] },
      chat: chat && isOpen(chat.chat) ? chat : null,
    };
  });
}

async function readOperators(pool: Pool, instanceId: number, id: number | null): Promise<OperatorView[]> {
  const one = id === null ? [] : [id];
  const found = await readRows(
    pool,
    `SELECT ${OPERATOR_COLUMNS}, accounts.state AS account_state,
            operator_presence.show_state, operator_presence.status, operator_presence.priority, operator_presence.resources,
            operator_presence.web_until > NOW(3) AS web,
            (SELECT COUNT(*) FROM chats WHERE chats.operator_id = operators.id AND chats.state IN ('active', 'invited')) AS open_chats
       FROM operators JOIN accounts ON accounts.id = operators.account_id
       LEFT JOIN operator_presence ON operator_presence.operator_id = operators.id
      WHERE operators.instance_id = ?${id === null ? '' : ' AND operators.id = ?'} ORDER BY operators.id`,
    [instanceId, ...one],
  );
  const memberships = await readRows(
    pool,
    `SELECT operator_departments.operator_id, operator_departments.priority, operator_departments.access, departments.id, departments.name FROM operator_departments
       JOIN departments ON departments.id = operator_departments.department_id
      WHERE departments.instance_id = ?${id === null ? '' : ' AND operator_departments.operator_id = ?'} ORDER BY departments.id`,
    [instanceId, ...one],
  );
  return found.map((row) => ({
    operator: toOperator(row),
    accountState: row['account_state'],
    presence:
      row['show_state'] === null
        ? null
        : { show: row['show_state'], status: row['status'], priority: row['priority'], resources: row['resources'] },
    inWeb: row['web'] === 1,
    departments: memberships
      .filter((member) => member['operator_id'] === row['id'])
      .map((member) => ({
        ...{ id: member['id'], name: member['name'], priority: member['priority'], access: member['access'] },
      })),
    openChats: Number(row['open_chats']),
  }));
}
