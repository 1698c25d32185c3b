import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import { originOf } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say } from '../texts/say.js';
import { isOpen, type Chat } from './chat.js';
import { checkLimits, type ChatLimits } from './limits.js';
import { stanzaIdOf, textBytes, webStanzaIdOf, type Message } from './message.js';
import { notifyAboutChat, readersOf } from './notify-operator.js';
import { webBody } from './post-web-message.js';

/** A helpdesk changes what stands in the record. It isn't called back about its own changes. */

/**
 * The message has this text from now on; the one before it is kept. Operators' clients show it in place of the old one (XEP-0308). The chat must be locked, and may
 * be over.
 * @throws FoyerError `not_found` | `conflict` when it is deleted | `message_too_long` | `chat_full` | `invalid_request`
 */
export async function editMessage(
  tx: Tx,
  limits: ChatLimits,
  chat: Chat,
  number: number,
  text: string,
): Promise<Message> {
  const message = await find(tx, chat, number);
  if (message.deletedAt !== null) throw new FoyerError('conflict', 'This message is deleted.');
  const clean = cleanText(text);
  if (clean.trim() === '') throw new FoyerError('invalid_request', 'The text is empty.');
  if (clean === message.text) return message;
  checkLimits(limits, { textBytes: chat.textBytes - textBytes(message.text) }, clean);
  const edited = await tx.messages.correct(message, { text: clean, unstyled: message.unstyled }, null);
  recordChange(tx, chat, edited, textBytes(clean) - textBytes(message.text));
  if (isOpen(chat)) for (const reader of await readersOf(tx, chat)) await sendEdit(tx, chat, edited, reader);
  return edited;
}

/**
 * The words are taken away, also those of earlier versions; that there was a message stays. Operators' clients are asked to do likewise (XEP-0424). The chat must
 * be locked, and may be over.
 * @throws FoyerError `not_found`
 */
export async function deleteMessage(tx: Tx, chat: Chat, number: number): Promise<Message> {
  const message = await find(tx, chat, number);
  if (message.deletedAt !== null) return message;
  const deleted = eraseWords(tx, chat, message);
  if (isOpen(chat)) for (const reader of await readersOf(tx, chat)) sendRetraction(tx, chat, deleted, reader);
  return deleted;
}

/** In the record and on the page; the chat must be locked, and may be over. */
export function eraseWords(tx: Tx, chat: Chat, message: Message): Message {
  const erased = tx.messages.erase(message);
  recordChange(tx, chat, erased, -textBytes(message.text));
  return erased;
}

async function find(tx: Tx, chat: Chat, number: number): Promise<Message> {
  const [message] = await tx.messages.list(chat.id, number - 1, 1);
  if (message?.number !== number) throw new FoyerError('not_found', 'There is no such message.');
  return message;
}

function recordChange(tx: Tx, chat: Chat, message: Message, grownBytes: number): void {
  chat.textBytes = Math.max(0, chat.textBytes + grownBytes);
  tx.feed.append(chat, { kind: 'message_updated', message: message.number });
  if (!isOpen(chat)) tx.transcripts.keepText(chat);
}

async function sendEdit(tx: Tx, chat: Chat, message: Message, reader: Operator): Promise<void> {
  const replaces = idAt(message, reader);
  if (replaces === null)
    return notifyAboutChat(tx, chat, reader, { key: 'edited_in_helpdesk', values: { text: message.text } });
  const author = message.operatorId === null ? undefined : await tx.operators.get(message.operatorId);
  const body =
    message.sender === 'visitor'
      ? message.text
      : webBody(chat, message.sender, author?.name ?? message.authorName, message.text);
  const entry = { kind: 'xmpp.message', to: reader.jid, id: `foyer-notice.${tx.newId()}`, body, replaces } as const;
  tx.outbox.toAccount({ id: chat.accountId, instanceId: chat.instanceId }, entry);
}

function sendRetraction(tx: Tx, chat: Chat, message: Message, reader: Operator): void {
  const retracts = idAt(message, reader);
  if (retracts === null) return notifyAboutChat(tx, chat, reader, { key: 'deleted_in_helpdesk' });
  const body = say(reader.language, { key: 'message_deleted' });
  const entry = { kind: 'xmpp.message', to: reader.jid, id: `foyer-notice.${tx.newId()}`, body, retracts } as const;
  tx.outbox.toAccount({ id: chat.accountId, instanceId: chat.instanceId }, entry);
}

/** Under which id the reader's client has the message from the visitor's contact; null: an operator's client wrote it, and only that may change it there. */
function idAt(message: Message, reader: Operator): string | null {
  if (message.sender === 'visitor') return stanzaIdOf(message, reader.id);
  return originOf(message) === 'xmpp' ? null : webStanzaIdOf(message, reader.id);
}
