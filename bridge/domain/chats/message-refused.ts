import { cut } from '../../shared/text.js';
import { originOf } from '../helpdesk-events.js';
import type { Refusal } from '../outbox/entry.js';
import type { Tx } from '../ports.js';
import type { Text } from '../texts/say.js';
import { closeChat } from './close-chat.js';
import { isFurther } from './message.js';
import { notifyAboutChat } from './notify-operator.js';

/** So much of the message is repeated to whoever wrote it. */
const QUOTED = 200;

/**
 * The helpdesk doesn't take an operator's message, so that the visitor doesn't get it: its author is told, and reads which one it was. A chat that is over there is
 * over here too. The same again changes nothing.
 */
export async function messageRefused(tx: Tx, chatId: number, number: number, refusal: Refusal): Promise<void> {
  const chat = await tx.chats.lock(chatId);
  const [message] = chat ? await tx.messages.list(chatId, number - 1, 1) : [];
  if (!chat || message?.number !== number || message.operatorId === null) return;
  if (originOf(message) !== 'xmpp' || !isFurther('failed', message.state)) return;
  tx.messages.advance(chatId, number, number, 'operator', 'failed');
  const author = await tx.operators.get(message.operatorId);
  if (author)
    notifyAboutChat(tx, chat, author, textOf(refusal), `> ${cut(message.text.replaceAll('\n', ' '), QUOTED)}`);
  if (refusal.code === 'chat_closed') await closeChat(tx, chat, 'helpdesk');
}

function textOf({ code, detail }: Refusal): Text {
  if (code === 'chat_closed') return { key: 'refused_closed' };
  return code === 'chat_taken' ? { key: 'refused_taken' } : { key: 'refused', values: { reason: detail } };
}
