import type { Reads } from '../domain/reads.js';
import { isInstanceName } from '../domain/accounts/jid-names.js';
import type { Desk } from '../domain/instances/instance.js';
import type { Operator } from '../domain/operators/operator.js';
import type { Clock } from '../shared/clock.js';
import { banIndex } from './ban-index.js';
import { isVisitorBanned } from './ban-store.js';
import { readFeed } from './feed-store.js';
import { readRows, type Pool, type Row } from './pool.js';
import {
  CHAT_COLUMNS,
  DESK_COLUMNS,
  INSTANCE_COLUMNS,
  MESSAGE_COLUMNS,
  OPERATOR_COLUMNS,
  VISITOR_COLUMNS,
  toChat,
  toDesk,
  toInstance,
  toMessage,
  toOperator,
  toVisitor,
} from './rows.js';
import { Remembered } from '../shared/remembered.js';
import { readRating } from './transcript-reads.js';

/** Desks and operators change rarely and are asked for with every request. */
const REMEMBER_MS = 2_000;

export function createReads(pool: Pool, clock: Clock): Reads {
  const one = async <T>(sql: string, values: unknown[], read: (row: Row) => T): Promise<T | undefined> => {
    const [row] = await readRows(pool, sql, values);
    return row && read(row);
  };
  const many = async <T>(sql: string, values: unknown[], read: (row: Row) => T): Promise<T[]> =>
    (await readRows(pool, sql, values)).map(read);
  const allDesks = new Remembered<string, Desk[]>(clock, REMEMBER_MS, () =>
    many(`SELECT ${DESK_COLUMNS} FROM desks`, [], toDesk),
  );
  const operators = new Remembered<number, Operator | undefined>(clock, REMEMBER_MS, (id) =>
    one(
      `SELECT ${OPERATOR_COLUMNS} FROM operators JOIN accounts ON accounts.id = operators.account_id WHERE operators.id = ?`,
      [id],
      toOperator,
    ),
  );
  const desks = () => allDesks.get('');
  return {
    // What can't be a name isn't asked for: the database refuses to compare an ASCII column with other letters.
    instanceByName: async (name) =>
      isInstanceName(name)
        ? one(
            `SELECT ${INSTANCE_COLUMNS} FROM instances WHERE instances.name = ? AND instances.state <> 'destroyed'`,
            [name],
            toInstance,
          )
        : undefined,
    desks: async (instanceId) => (await desks()).filter((desk) => desk.instanceId === instanceId),
    desk: async (id) => (await desks()).find((desk) => desk.id === id),
    deskByKey: async (instanceId, key) =>
      (await desks()).find((desk) => desk.instanceId === instanceId && desk.key === key),
    allOrigins: async () => new Set((await desks()).flatMap((desk) => desk.allowedOrigins)),
    visitor: (id) => one(`SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.id = ?`, [id], toVisitor),
    visitorByExternalId: (instanceId, externalId) =>
      one(
        `SELECT ${VISITOR_COLUMNS} FROM visitors WHERE visitors.instance_id = ? AND visitors.external_id = ?`,
        [instanceId, externalId],
        toVisitor,
      ),
    chat: (instanceId, id) =>
      one(`SELECT ${CHAT_COLUMNS} FROM chats WHERE chats.instance_id = ? AND chats.id = ?`, [instanceId, id], toChat),
    currentChat: (visitorId) =>
      one(
        `SELECT ${CHAT_COLUMNS} FROM visitors JOIN chats ON chats.id = COALESCE(visitors.open_chat_id, visitors.last_chat_id) WHERE visitors.id = ?`,
        [visitorId],
        toChat,
      ),
    openChatsOf: async (opener) =>
      Number(
        await one(
          'SELECT COUNT(*) AS open FROM chats WHERE chats.opener = ?',
          [opener],
          (row) => row['open'] as number,
        ),
      ),
    messages: (chatId, after, limit) =>
      many(
        `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE messages.chat_id = ? AND messages.number > ? ORDER BY messages.number LIMIT ?`,
        [chatId, after, limit],
        toMessage,
      ),
    messagesByNumber: async (chatId, numbers) =>
      numbers.length === 0
        ? []
        : many(
            `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE messages.chat_id = ? AND messages.number IN (?)`,
            [chatId, numbers],
            toMessage,
          ),
    feed: (chatId, after, limit) => readFeed(pool, chatId, after, limit),
    operator: (id) => operators.get(id),
    wantsPreview: async ({ deskId, operatorId }) =>
      (await one(
        'SELECT operators.preview AND desks.preview AS preview FROM operators JOIN desks ON desks.id = ? WHERE operators.id = ?',
        [deskId, operatorId],
        (row) => row['preview'] === 1,
      )) === true,
    operators: (instanceId) => readOperators(pool, instanceId),
    banned: banIndex(pool, clock),
    visitorBanned: ({ visitorId, deskId }) => isVisitorBanned(pool, visitorId, deskId),
    rating: (chatId) => readRating(pool, chatId),
    versions: (chatId) =>
      many(
        `SELECT message_versions.number, message_versions.text, message_versions.replaced_at FROM message_versions
          WHERE message_versions.chat_id = ? ORDER BY message_versions.number, message_versions.version`,
        [chatId],
        (row) => ({ number: row['number'], text: row['text'], replacedAt: row['replaced_at'] }),
      ),
  };
}

async function readOperators(pool: Pool, instanceId: number) {
  const found = await readRows(
    pool,
    `SELECT ${OPERATOR_COLUMNS}, operator_presence.show_state, operator_presence.status, operator_presence.priority, operator_presence.resources,
            (SELECT GROUP_CONCAT(departments.name ORDER BY departments.name SEPARATOR '\\n') FROM operator_departments
               JOIN departments ON departments.id = operator_departments.department_id
              WHERE operator_departments.operator_id = operators.id) AS department_names
       FROM operators JOIN accounts ON accounts.id = operators.account_id
       LEFT JOIN operator_presence ON operator_presence.operator_id = operators.id
      WHERE operators.instance_id = ? ORDER BY operators.id`,
    [instanceId],
  );
  return found.map((row) => ({
    operator: toOperator(row),
    presence:
      row['show_state'] === null
        ? null
        : { show: row['show_state'], status: row['status'], priority: row['priority'], resources: row['resources'] },
    departments: row['department_names'] === null ? [] : (row['department_names'] as string).split('\n'),
  }));
}
