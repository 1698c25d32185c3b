import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { passOn } from '../rooms/pass-on.js';
import { enqueue } from '../queue/enqueue.js';
import type { Chat } from './chat.js';
import { closeChat } from './close-chat.js';
import { returnToQueue } from './return-to-queue.js';

/**
 * The operator can't go on with its chats: whoever is in the room with the visitor has them, the others wait again and are shown to the department; its
 * invitations are over.
 */
export async function releaseChats(tx: Tx, operator: Operator): Promise<void> {
  const ids = await tx.operators.openChats(operator.id);
  // All of them before the queue: who holds that waits for no chat.
  await tx.chats.lockMany(ids);
  for (const id of ids) {
    const chat = await tx.chats.lock(id);
    if (chat?.operatorId !== operator.id) continue;
    if (chat.state === 'active') await releaseChat(tx, chat, operator);
    else if (chat.state === 'invited') await closeChat(tx, chat, 'system');
  }
}

async function releaseChat(tx: Tx, chat: Chat, operator: Operator): Promise<void> {
  const now = await tx.queue.lock(chat.instanceId);
  if (await passOn(tx, chat)) return;
  // Who was told that somebody had it reads that it waits again.
  chat.handover = JSON.stringify({ from: operator.name, note: '' });
  await returnToQueue(tx, chat, operator, now);
  await enqueue(tx, chat);
}
