import type { Tx } from '../ports.js';
import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import { chatHappened } from '../happenings.js';
import { chatData, chatLane, messageData } from '../helpdesk-events.js';
import { enqueue } from '../queue/enqueue.js';
import { roomOfChat, sayInRoom } from '../rooms/room-talk.js';
import { isOpen, moveChat, type Chat } from './chat.js';
import { checkLimits, type ChatLimits } from './limits.js';
import type { Message } from './message.js';
import { sendToOperator, tellAsked } from './offer-chat.js';

/**
 * The visitor's words go into the record, to the visitor's other tabs, to the operator (or to all who may take the chat) and to the helpdesk. The same
 * `senderKey` again gives the message that it made the first time. The chat must be locked.
 * @throws FoyerError `chat_closed` | `message_too_long` | `chat_full` | `invalid_request`
 */
export async function postVisitorMessage(
  tx: Tx,
  limits: ChatLimits,
  chat: Chat,
  text: string,
  senderKey: string,
): Promise<Message> {
  const [repeated] = await tx.messages.bySenderKeys(chat.id, [senderKey]);
  if (repeated) return repeated;
  if (!isOpen(chat)) throw new FoyerError('chat_closed', 'This chat is closed; begin another.');
  const clean = cleanText(text);
  if (clean.trim() === '') throw new FoyerError('invalid_request', 'The text is empty.');
  checkLimits(limits, chat, clean);
  if (chat.state === 'invited') await answerInvitation(tx, chat);
  const message = tx.messages.append(chat, { sender: 'visitor', operatorId: null, text: clean, senderKey });
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  const room = await roomOfChat(tx, chat);
  if (room) sayInRoom(tx, room, chat, message);
  if (owner && room?.purpose !== 'pool') sendToOperator(tx, chat, message, owner);
  if (!owner && chat.heldBy === null && chat.queuedAt === null) await enqueue(tx, chat);
  else if (!owner) await tellAsked(tx, chat);
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null) {
    tx.outbox.toHelpdesk(instance, chatLane(chat), 'visitor.message', await messageData(tx, chat, message));
  }
  return message;
}

/** The operator who wrote first owns the chat from here on. */
async function answerInvitation(tx: Tx, chat: Chat): Promise<void> {
  moveChat(chat, 'active');
  chat.acceptedAt = tx.now;
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatAccepted', chat);
  tx.outbox.toHelpdesk(
    await tx.instances.get(chat.instanceId),
    chatLane(chat),
    'chat.accepted',
    await chatData(tx, chat),
  );
}
