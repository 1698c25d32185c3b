import type { Operator } from '../operators/operator.js';
import type { Participant, Tx } from '../ports.js';
import { chatHappened } from '../happenings.js';
import { chatData, chatLane } from '../helpdesk-events.js';
import { leaveRoom, roomOfChat } from '../rooms/room-talk.js';
import { tellNewOwner } from '../supervision/watch.js';
import { moveChat, type Chat } from './chat.js';
import type { Text } from '../texts/say.js';
import { notifyAboutChat } from './notify-operator.js';
import { offerTo } from './offer-chat.js';

/**
 * The operator becomes the owner of a chat that has none, or that its owner has asked this operator to take over: whoever comes first under the chat's lock has it.
 * Everybody else who was shown the chat is told, and who had it. The operator must have room, unless the helpdesk says so. Chat and queue must be locked, the chat
 * waiting, offered or active.
 * @param where it was taken: those who are told read it
 */
export async function takeChat(
  tx: Tx,
  chat: Chat,
  operator: Operator,
  where: 'taken_by' | 'taken_in_helpdesk' | 'taken_over_by' = 'taken_by',
): Promise<void> {
  const room = await roomOfChat(tx, chat);
  const roomId = chat.roomId;
  if (room?.purpose === 'pool' && room.operatorId !== operator.id) leaveRoom(tx, chat);
  const participants = await tx.chats.participants(chat.id);
  const own = participants.find(({ operatorId }) => operatorId === operator.id);
  await offerTo(tx, chat, operator, own);
  await tx.queue.end(chat.id, 'accepted', operator.id);
  await tx.queue.end(chat.id, 'revoked');
  if (chat.state !== 'active') moveChat(chat, 'active');
  if (chat.operatorId !== null) tx.queue.markIdle(chat.operatorId);
  reportWait(tx, chat);
  chat.handover = null;
  chat.operatorId = operator.id;
  chat.heldBy = null;
  chat.acceptedAt = tx.now;
  tx.chats.setParticipant(chat.id, operator.id, 'owner', chat.lastNumber);
  await dismiss(
    tx,
    chat,
    participants.filter(({ operatorId }) => operatorId !== operator.id),
    { key: where, values: { name: operator.name } },
  );
  // Nobody watches a chat without a room.
  if (roomId !== null) await tellNewOwner(tx, chat, operator);
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatAccepted', chat);
  tx.outbox.toHelpdesk(
    await tx.instances.get(chat.instanceId),
    chatLane(chat),
    'chat.accepted',
    await chatData(tx, chat),
  );
  tx.queue.wake(chat.instanceId);
}

/** How long the visitor waited, beside what was foretold: for the first operator alone. */
function reportWait(tx: Tx, { acceptedAt, queuedAt, estimateSeconds }: Chat): void {
  if (acceptedAt !== null || queuedAt === null || estimateSeconds === null) return;
  const seconds = Math.max(0, (tx.now.getTime() - queuedAt.getTime()) / 1000);
  tx.report({ what: 'waitEnded', seconds, estimate: estimateSeconds });
}

/**
 * Somebody in the helpdesk's pages has the chat, who is no operator here: nobody is asked any more, and no operator may answer until it is given to one.
 * Chat and queue must be locked, the chat waiting, offered or active.
 */
export async function holdChat(tx: Tx, chat: Chat, name: string): Promise<void> {
  const participants = await tx.chats.participants(chat.id);
  await tx.queue.end(chat.id, 'revoked');
  if (chat.state !== 'active') moveChat(chat, 'active');
  if (chat.operatorId !== null) tx.queue.markIdle(chat.operatorId);
  reportWait(tx, chat);
  chat.handover = null;
  chat.operatorId = null;
  chat.heldBy = name;
  chat.acceptedAt = tx.now;
  await dismiss(tx, chat, participants, { key: 'taken_in_helpdesk', values: { name } });
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatAccepted', chat);
  tx.queue.wake(chat.instanceId);
}

/** Those who were shown the chat, or had it, are told that it is somebody else's. */
async function dismiss(tx: Tx, chat: Chat, participants: readonly Participant[], notice: Text): Promise<void> {
  for (const { operatorId, role, sentNumber } of participants) {
    if (role === 'past') continue;
    tx.chats.setParticipant(chat.id, operatorId, 'past', sentNumber);
    const other = await tx.operators.get(operatorId);
    if (other) notifyAboutChat(tx, chat, other, notice);
  }
}
