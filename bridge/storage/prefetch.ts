import type { Needs } from '../domain/ports.js';
import { OPERATOR_SOURCE } from './operator-store.js';
import type { Statement } from './pool.js';
import { CHAT_COLUMNS, INSTANCE_COLUMNS, MESSAGE_COLUMNS, toChat, toInstance, toMessage, toOperator } from './rows.js';
import type { UnitOfWork } from './unit-of-work.js';

/**
 * Locks the chats, lowest id first, and reads what writing into them needs, by one round trip for all works that share the transaction: instances always; for those
 * that post messages also who owns the chat, and whether the message is in the record already.
 */
export async function prefetch(work: UnitOfWork, needs: readonly Needs[]): Promise<void> {
  const chats = [...new Set(needs.flatMap((one) => one.chats))];
  if (chats.length === 0) return;
  const keys = needs.flatMap((one) => one.senderKeys ?? []);
  const of = (column: string) => `(SELECT chats.${column} FROM chats WHERE chats.id IN (?))`;
  const statements: Statement[] = [
    { sql: `SELECT ${CHAT_COLUMNS} FROM chats WHERE chats.id IN (?) ORDER BY chats.id FOR UPDATE`, values: [chats] },
    { sql: `SELECT ${INSTANCE_COLUMNS} FROM instances WHERE instances.id IN ${of('instance_id')}`, values: [chats] },
  ];
  if (keys.length > 0) {
    const pairs = keys.map(({ chatId, senderKey }) => [chatId, senderKey]);
    statements.push(
      { sql: `${OPERATOR_SOURCE} WHERE operators.id IN ${of('operator_id')}`, values: [chats] },
      {
        sql: `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE (messages.chat_id, messages.sender_key) IN (?)`,
        values: [pairs],
      },
    );
  }
  const [locked = [], instances = [], operators = [], messages = []] = await work.selectTogether(statements);
  for (const row of locked) work.chats.add(toChat(row));
  for (const instance of instances.map(toInstance)) work.instances.set(instance.id, instance);
  for (const operator of operators.map(toOperator)) work.operators.set(operator.id, operator);
  for (const { chatId, senderKey } of keys) work.readKeys.set(`${chatId} ${senderKey}`, []);
  for (const message of messages.map(toMessage)) work.readKeys.set(`${message.chatId} ${message.senderKey}`, [message]);
}
