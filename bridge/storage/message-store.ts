import type { MessageStore } from '../domain/ports.js';
import { textBytes, type Message } from '../domain/chats/message.js';
import { readStates } from './progress.js';
import { MESSAGE_COLUMNS, toMessage } from './rows.js';
import type { UnitOfWork } from './unit-of-work.js';

export function messageStore(work: UnitOfWork): MessageStore {
  /** Appended in this transaction, and not in the database before the flush. */
  const appended = (chatId: number): Message[] =>
    work.pending.messages.filter((values) => values[0] === chatId).map(toAppended);
  /** Where the message of a sender key was appended; what was taken back since is no longer there. */
  const places = new Map<string, number>();
  const appendedByKey = (chatId: number, senderKey: string): Message[] => {
    const values = work.pending.messages[places.get(`${chatId} ${senderKey}`) ?? -1];
    return values?.[0] === chatId && values[6] === senderKey ? [toAppended(values)] : [];
  };
  const select = `SELECT ${MESSAGE_COLUMNS} FROM messages`;
  const first = async (sql: string, values: unknown[]) => {
    const [row] = await work.select(`${select} ${sql} LIMIT 1`, values);
    return row && toMessage(row);
  };
  return {
    append(
      chat,
      {
        sender,
        operatorId,
        authorName,
        text,
        senderKey,
        stanzaId,
        archiveId,
        markable,
        unstyled,
        writtenAt = work.now,
      },
    ) {
      chat.lastNumber += 1;
      chat.textBytes += textBytes(text);
      const number = chat.lastNumber;
      places.set(`${chat.id} ${senderKey}`, work.pending.messages.length);
      const values = [
        ...[chat.id, number, chat.instanceId, sender, operatorId, text, senderKey],
        ...[
          stanzaId ?? null,
          markable === true ? 1 : 0,
          unstyled === true ? 1 : 0,
          authorName ?? null,
          writtenAt,
          archiveId ?? null,
        ],
      ];
      work.pending.messages.push(values);
      work.tx.feed.append(chat, { kind: 'message', message: number });
      return toAppended(values);
    },
    async bySenderKeys(chatId, senderKeys) {
      const here = senderKeys.flatMap((key) => appendedByKey(chatId, key));
      const unread = senderKeys.filter((key) => !work.readKeys.has(`${chatId} ${key}`));
      const read = senderKeys.flatMap((key) => work.readKeys.get(`${chatId} ${key}`) ?? []);
      if (unread.length === 0) return [...read, ...here];
      const found = await work.select(`${select} WHERE messages.chat_id = ? AND messages.sender_key IN (?)`, [
        chatId,
        unread,
      ]);
      return [...read, ...found.map(toMessage), ...here];
    },
    readSenderKeys: (keys) => readSenderKeys(work, keys),
    async byStanzaId(chatId, operatorId, stanzaId) {
      const here = work.pending.messages.find(
        (values) =>
          values[0] === chatId && values[4] === operatorId && (values[7] === stanzaId || values[11] === stanzaId),
      );
      if (here) return toAppended(here);
      const own = await first(
        'WHERE messages.chat_id = ? AND messages.operator_id = ? AND (messages.stanza_id = ? OR messages.archive_id = ?) ORDER BY messages.number DESC',
        [chatId, operatorId, stanzaId, stanzaId],
      );
      if (own) return own;
      return first(
        `JOIN message_versions ON message_versions.chat_id = messages.chat_id AND message_versions.number = messages.number
          WHERE messages.chat_id = ? AND messages.operator_id = ? AND message_versions.stanza_id = ? ORDER BY messages.number DESC`,
        [chatId, operatorId, stanzaId],
      );
    },
    async list(chatId, after, limit) {
      const found = await work.select(
        `${select} WHERE messages.chat_id = ? AND messages.number > ? ORDER BY messages.number LIMIT ?`,
        [chatId, after, limit],
      );
      const here = appended(chatId).filter((message) => message.number > after);
      return [...found.map(toMessage), ...here].slice(0, limit);
    },
    states: (chatId, from, to, sender) =>
      readStates(
        work,
        { chatId, from, to, sender },
        appended(chatId).filter((message) => message.sender === sender),
      ),
    advance(chatId, from, to, sender, state) {
      work.pending.progress.push({ chatId, from, to, sender, state });
    },
    async correct(message, { text, unstyled }, stanzaId) {
      const here = work.pending.messages.find((values) => values[0] === message.chatId && values[1] === message.number);
      if (here) [here[5], here[9]] = [text, unstyled ? 1 : 0];
      await work.write(
        `INSERT INTO message_versions (chat_id, number, version, text, stanza_id, replaced_at)
         SELECT ?, ?, COALESCE(MAX(version), 0) + 1, ?, ?, ? FROM message_versions WHERE chat_id = ? AND number = ?`,
        [message.chatId, message.number, message.text, stanzaId, work.now, message.chatId, message.number],
      );
      work.later('UPDATE messages SET text = ?, unstyled = ?, corrected_at = ? WHERE chat_id = ? AND number = ?', [
        text,
        unstyled ? 1 : 0,
        work.now,
        message.chatId,
        message.number,
      ]);
      return { ...message, text, unstyled, correctedAt: work.now };
    },
    erase(message) {
      const { chatId, number } = message;
      work.later('DELETE FROM message_versions WHERE chat_id = ? AND number = ?', [chatId, number]);
      work.later("UPDATE messages SET text = '', corrected_at = ?, deleted_at = ? WHERE chat_id = ? AND number = ?", [
        ...[work.now, work.now, chatId, number],
      ]);
      return { ...message, text: '', correctedAt: work.now, deletedAt: work.now };
    },
    async lastMarkable(chatId, after, number) {
      return first(
        `WHERE messages.chat_id = ? AND messages.number > ? AND messages.number <= ? AND messages.sender = 'operator' AND messages.markable = 1
           AND messages.stanza_id IS NOT NULL ORDER BY messages.number DESC`,
        [chatId, after, number],
      );
    },
  };
}

function toAppended(values: unknown[]): Message {
  const [
    chatId,
    number,
    instanceId,
    sender,
    operatorId,
    text,
    senderKey,
    stanzaId,
    markable,
    unstyled,
    authorName,
    createdAt,
  ] = values;
  return {
    chatId,
    number,
    instanceId,
    sender,
    operatorId,
    authorName,
    text,
    senderKey,
    stanzaId,
    markable: markable === 1,
    unstyled: unstyled === 1,
    state: 'stored',
    ackedAt: null,
    deliveredAt: null,
    seenAt: null,
    correctedAt: null,
    deletedAt: null,
    createdAt,
  } as Message;
}

/** Reads by one statement which of these messages are in the record already; `bySenderKeys` then asks no more about them. */
export async function readSenderKeys(
  work: UnitOfWork,
  keys: readonly { chatId: number; senderKey: string }[],
): Promise<void> {
  if (keys.length === 0) return;
  for (const { chatId, senderKey } of keys) work.readKeys.set(`${chatId} ${senderKey}`, []);
  const pairs = keys.map(({ chatId, senderKey }) => [chatId, senderKey]);
  const found = await work.select(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE (messages.chat_id, messages.sender_key) IN (?)`,
    [pairs],
  );
  for (const message of found.map(toMessage)) work.readKeys.set(`${message.chatId} ${message.senderKey}`, [message]);
}
