import type { Operator } from '../operators/operator.js';
import type { Participant, Tx } from '../ports.js';
import { roomOfChat } from '../rooms/room-talk.js';
import { moveChat, type Chat } from './chat.js';
import { stanzaIdOf, type Message } from './message.js';

/** Messages of a waiting chat that an operator who comes late is sent at most. */
const CATCH_UP = 200;

/** Shows a chat without owner to one operator: what was said that this operator hasn't been sent. The chat must be locked. */
export async function offerTo(tx: Tx, chat: Chat, operator: Operator, participant?: Participant): Promise<void> {
  const inRoom = (await roomOfChat(tx, chat))?.purpose === 'pool';
  const messages = inRoom ? [] : await tx.messages.list(chat.id, participant?.sentNumber ?? 0, CATCH_UP);
  for (const message of messages) if (message.sender === 'visitor') sendToOperator(tx, chat, message, operator);
  tx.chats.setParticipant(chat.id, operator.id, 'offered', chat.lastNumber);
  if (chat.state === 'waiting') {
    moveChat(chat, 'offered');
    tx.feed.append(chat, { kind: 'chat' });
  }
}

/** Shows what the visitor has said since to all who are asked already. The chat must be locked. */
export async function tellAsked(tx: Tx, chat: Chat): Promise<void> {
  for (const participant of await tx.chats.participants(chat.id)) {
    const operator = participant.role === 'offered' ? await tx.operators.get(participant.operatorId) : undefined;
    if (operator) await offerTo(tx, chat, operator, participant);
  }
}

/** The visitor's text as a message of its contact. */
export function sendToOperator(
  tx: Tx,
  chat: Chat,
  message: Pick<Message, 'chatId' | 'number' | 'text'>,
  operator: Operator,
): void {
  tx.outbox.toAccount(
    { id: chat.accountId, instanceId: chat.instanceId },
    {
      kind: 'xmpp.message',
      to: operator.jid,
      id: stanzaIdOf(message, operator.id),
      body: message.text,
      track: { chatId: message.chatId, number: message.number },
    },
  );
}
