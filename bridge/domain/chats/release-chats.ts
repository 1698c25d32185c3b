import { chatHappened } from '../happenings.js';
import { chatData, chatLane } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { moveChat, type Chat } from './chat.js';
import { closeChat } from './close-chat.js';
import { offerChat } from './offer-chat.js';

/**
 * The operator can't go on with its chats: they wait again and are shown to the others of their department; its
 * invitations are over.
 */
export async function releaseChats(tx: Tx, operator: Operator): Promise<void> {
  for (const id of await tx.operators.openChats(operator.id)) {
    const chat = await tx.chats.lock(id);
    if (chat?.operatorId !== operator.id) continue;
    if (chat.state === 'active') await releaseChat(tx, chat, operator);
    else if (chat.state === 'invited') await closeChat(tx, chat, 'system');
  }
}

async function releaseChat(tx: Tx, chat: Chat, operator: Operator): Promise<void> {
  moveChat(chat, 'waiting');
  chat.operatorId = null;
  tx.chats.setParticipant(chat.id, operator.id, 'past', chat.lastNumber);
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatReleased', chat);
  tx.outbox.toHelpdesk(
    await tx.instances.get(chat.instanceId),
    chatLane(chat),
    'chat.waiting',
    await chatData(tx, chat),
  );
  await offerChat(tx, chat);
}
