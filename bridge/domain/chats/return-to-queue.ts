import { chatHappened } from '../happenings.js';
import { chatData, chatLane } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { leaveRoom, roomOfChat } from '../rooms/room-talk.js';
import { bringWatchers } from '../supervision/watch.js';
import { moveChat, type Chat } from './chat.js';

/** The chat loses its owner, or who held it in the helpdesk, and waits again, before those that came later. Chat and queue must be locked. */
export async function returnToQueue(tx: Tx, chat: Chat, owner: Operator | undefined, now: Date): Promise<void> {
  const leavesPool = (await roomOfChat(tx, chat))?.purpose === 'pool';
  if (leavesPool) leaveRoom(tx, chat);
  moveChat(chat, 'waiting');
  chat.operatorId = null;
  chat.heldBy = null;
  // One that an operator or a helpdesk began has never been in the queue.
  chat.queuedAt ??= now;
  chat.waitingSince = now;
  await tx.queue.end(chat.id, 'revoked');
  if (owner) tx.chats.setParticipant(chat.id, owner.id, 'past', chat.lastNumber);
  if (leavesPool) await bringWatchers(tx, chat);
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatReleased', chat);
  tx.outbox.toHelpdesk(
    await tx.instances.get(chat.instanceId),
    chatLane(chat),
    'chat.waiting',
    await chatData(tx, chat),
  );
  tx.queue.wake(chat.instanceId);
}
