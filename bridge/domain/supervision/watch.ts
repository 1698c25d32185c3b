import { bareJid, splitJid } from '../../shared/jid.js';
import { isOpen, type Chat } from '../chats/chat.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { rosterName } from '../visitors/visitor.js';
import { inviteInto } from '../rooms/direct-operator.js';
import { becomeRoom } from '../rooms/invite-colleague.js';
import { owner } from '../rooms/make-room.js';
import { moveRoom } from '../rooms/move-room.js';
import { hasVoice, peopleIn } from '../rooms/present.js';
import { leaveRoom, roomOfChat } from '../rooms/room-talk.js';
import { isOpenRoom, type Occupant } from '../rooms/room.js';
import { maySupervise } from './access.js';
import { SupervisionError } from './refused.js';

/** Of one chat at a time: its room has places for others too. */
const WATCHERS_AT_MOST = 10;

/**
 * The operator follows a chat in the chat's room, where it has no voice; the visitor hears nothing of it, the owner where the department wants that. Who watches already
 * is invited again. The chat must be locked.
 * @param actor who the audit says did it
 * @throws SupervisionError `not_supervisor` | `chat_closed` | `conflict`
 */
export async function watchChat(tx: Tx, chat: Chat, operator: Operator, actor = asItself(operator)): Promise<void> {
  const { number } = chat;
  const refuse = (code: 'not_supervisor' | 'chat_closed' | 'conflict', key: RefusalKey): SupervisionError =>
    new SupervisionError(code, { key, values: { number, most: WATCHERS_AT_MOST } });
  if (!(await maySupervise(tx, operator, chat.departmentId))) throw refuse('not_supervisor', 'not_supervisor');
  if (!isOpen(chat)) throw refuse('chat_closed', 'chat_over');
  if (chat.operatorId === operator.id) throw refuse('conflict', 'yours_already');
  if (chat.state !== 'active') throw refuse('conflict', 'not_begun');
  const watchers = await tx.supervision.watchers(chat.id);
  if (!watchers.includes(operator.id)) {
    if (await takesPart(tx, chat, operator)) throw refuse('conflict', 'takes_part');
    if (watchers.length >= WATCHERS_AT_MOST) throw refuse('conflict', 'too_many_watchers');
    await begin(tx, chat, operator, actor);
  }
  await inviteWatcher(tx, chat, operator);
}

type RefusalKey = 'not_supervisor' | 'chat_over' | 'yours_already' | 'not_begun' | 'takes_part' | 'too_many_watchers';

async function begin(tx: Tx, chat: Chat, operator: Operator, actor: string): Promise<void> {
  const { tellWatched } = await tx.queue.department(chat.departmentId);
  const told = tellWatched && chat.operatorId !== null;
  await tx.supervision.begin(chat, operator.id, told);
  audit(tx, chat, actor, 'chat.watch', { operator: operator.id, told });
  const answerer = told && chat.operatorId !== null ? await tx.operators.get(chat.operatorId) : undefined;
  if (answerer) notifyAboutChat(tx, chat, answerer, { key: 'watched_by', values: { name: operator.name } });
}

async function inviteWatcher(tx: Tx, chat: Chat, operator: Operator): Promise<void> {
  const room = (await roomOfChat(tx, chat)) ?? (await becomeRoom(tx, chat, operator));
  const known = await tx.visitors.peek(chat.visitorId);
  const visitor = known ? rosterName(known) : `Visitor ${chat.visitorId}`;
  await inviteInto(tx, room, operator, 'watch_invited', { number: chat.number, visitor }, 'visitor');
}

/** Who watches goes where the chat goes, into its room or a new one. The chat must be locked. */
export async function bringWatchers(tx: Tx, chat: Chat): Promise<void> {
  for (const operator of await watchersOf(tx, chat)) await inviteWatcher(tx, chat, operator);
}

/** The chat has another owner, who isn't its watcher any more, and is told of the others. The chat must be locked. */
export async function tellNewOwner(tx: Tx, chat: Chat, operator: Operator): Promise<void> {
  await stopWatching(tx, chat, operator);
  const watchers = await watchersOf(tx, chat);
  if (watchers.length === 0) return;
  if (!(await roomOfChat(tx, chat))) await bringWatchers(tx, chat);
  if (!(await tx.queue.department(chat.departmentId)).tellWatched) return;
  const name = watchers.map((one) => one.name).join(', ');
  notifyAboutChat(tx, chat, operator, { key: 'watched_by', values: { name } });
}

/** Nobody watches a chat without a room. */
export async function isWatching(tx: Tx, chat: Chat, operator: Operator): Promise<boolean> {
  return chat.roomId !== null && (await tx.supervision.watchers(chat.id)).includes(operator.id);
}

export async function watchersOf(tx: Tx, chat: Chat): Promise<Operator[]> {
  const found: Operator[] = [];
  for (const id of await tx.supervision.watchers(chat.id)) {
    const operator = await tx.operators.get(id);
    if (operator && !operator.disabled) found.push(operator);
  }
  return found;
}

/**
 * The operator sees no more of the chat, and is put out of its room. The chat must be locked, and may be over.
 * @returns false when it didn't watch
 */
export async function stopWatching(
  tx: Tx,
  chat: Chat,
  operator: Operator,
  actor = asItself(operator),
): Promise<boolean> {
  if (!(await tx.supervision.watchers(chat.id)).includes(operator.id)) return false;
  await tx.supervision.end(chat.id, operator.id);
  audit(tx, chat, actor, 'chat.unwatch', { operator: operator.id });
  const found = await roomOfChat(tx, chat);
  const room = found && (await tx.rooms.lock(found.id));
  if (!room || !isOpenRoom(room)) return true;
  tx.outbox.toAccount(owner(room), { kind: 'room.dismiss', room: room.id, user: splitJid(operator.jid).local });
  if (room.purpose !== 'chat' || room.operatorId !== operator.id) return true;
  if ((await tx.supervision.watchers(chat.id)).length === 0 && (await peopleIn(tx, room, chat)) === 0) {
    // Nobody came for whom it was made.
    leaveRoom(tx, chat);
    await moveRoom(tx, room, 'closed', 'left');
  }
  return true;
}

/**
 * The operator watches no longer, or takes part in the chat's room no longer. The chat must be locked.
 * @throws SupervisionError `conflict` for the owner, and for who isn't there
 */
export async function leaveChat(tx: Tx, chat: Chat, operator: Operator, actor = asItself(operator)): Promise<void> {
  const { number } = chat;
  if (isOpen(chat) && chat.operatorId === operator.id)
    throw new SupervisionError('conflict', { key: 'owner_stays', values: { number } });
  if (await stopWatching(tx, chat, operator, actor)) return;
  const room = await roomOfChat(tx, chat);
  if (!room || !(await takesPart(tx, chat, operator)))
    throw new SupervisionError('conflict', { key: 'not_in_chat', values: { number } });
  tx.outbox.toAccount(owner(room), { kind: 'room.dismiss', room: room.id, user: splitJid(operator.jid).local });
}

/** Whether a client of the operator is in the chat's room with a voice. */
export async function takesPart(tx: Tx, chat: Chat, operator: Operator): Promise<boolean> {
  return (await speakers(tx, chat)).some(({ jid }) => bareJid(jid) === operator.jid);
}

/** Clients in the chat's room that have a voice. */
export async function speakers(tx: Tx, chat: Chat): Promise<Occupant[]> {
  const room = await roomOfChat(tx, chat);
  return room ? (await tx.rooms.occupants(room.id)).filter(hasVoice) : [];
}

function audit(tx: Tx, chat: Chat, actor: string, action: string, details: Record<string, unknown>): void {
  tx.audit.add({ instanceId: chat.instanceId, actor, action, subject: `chat:${chat.id}`, details });
}

/** The actor of what an operator does in its own client. */
export function asItself({ id }: Operator): string {
  return `operator:${id}`;
}
