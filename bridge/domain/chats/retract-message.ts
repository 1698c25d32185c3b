import type { Account } from '../accounts/account.js';
import { chatLane, messageData } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { roomOfChat, sayInPlace } from '../rooms/room-talk.js';
import { say } from '../texts/say.js';
import { eraseWords } from './change-message.js';
import { retractWhisper } from '../supervision/whisper.js';
import type { Chat } from './chat.js';
import { latestChat } from './latest-chat.js';
import type { Message } from './message.js';
import { notifyAboutChat, notifyOperator } from './notify-operator.js';

/**
 * An operator takes back a message of its own to a visitor's contact (XEP-0424): its words are gone from record, page and helpdesk. What isn't there under this
 * stanza id stays as it is, and the operator is told so.
 */
export async function retractMessage(tx: Tx, account: Account, operator: Operator, stanzaId: string): Promise<void> {
  const chat = await latestChat(tx, account);
  if (!chat) return notifyOperator(tx, account, operator, { key: 'not_retracted' });
  const erased = await retractFrom(tx, chat, operator, stanzaId);
  const room = erased && (await roomOfChat(tx, chat));
  if (room) sayInPlace(tx, room, chat, erased, operator.name, say(operator.language, { key: 'message_deleted' }));
}

/** The same of a chat that is known and locked; it may be over. @returns undefined: nothing was taken back */
export async function retractFrom(
  tx: Tx,
  chat: Chat,
  operator: Operator,
  stanzaId: string,
): Promise<Message | undefined> {
  if (await retractWhisper(tx, chat, operator, stanzaId)) return undefined;
  const message = await tx.messages.byStanzaId(chat.id, operator.id, stanzaId);
  if (!message) return notifyAboutChat(tx, chat, operator, { key: 'not_retracted' }) as undefined;
  if (message.deletedAt !== null) return undefined;
  const erased = eraseWords(tx, chat, message);
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null)
    tx.outbox.toHelpdesk(instance, chatLane(chat), 'operator.message_retracted', await messageData(tx, chat, erased));
  return erased;
}
