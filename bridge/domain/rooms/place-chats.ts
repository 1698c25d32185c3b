import type { Chat } from '../chats/chat.js';
import { takeChat } from '../chats/take-chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { limitOf } from '../queue/department.js';
import type { Candidate } from '../queue/store.js';
import { directOperator } from './direct-operator.js';
import type { Room } from './room.js';
import { enterRoom, sayInRoom } from './room-talk.js';
import type { RoomPool } from './store.js';

/** Messages of a waiting chat that are said again in its room at most. */
const CATCH_UP = 200;

/**
 * Chats that wait, oldest first, go to the operators who wait in a room, the one who has waited longest first. For those that are left operators who are free
 * are sent into rooms. Chats and queue must be locked.
 */
export async function placeChats(tx: Tx, pool: RoomPool, chats: readonly Chat[]): Promise<void> {
  const waiting = await tx.rooms.waiting(pool.departmentId);
  const left = chats.filter(({ state, noContact }) => state === 'waiting' && !noContact);
  for (const room of waiting.filter(({ state }) => state === 'staff_waiting')) {
    const operator = room.operatorId === null ? undefined : await tx.operators.get(room.operatorId);
    const [chat] = left;
    if (!chat) return;
    if (!operator || operator.disabled) continue;
    left.shift();
    await placeChat(tx, chat, room, operator);
  }
  await sendForOperators(tx, pool, left.length - waiting.filter(({ state }) => state === 'directed').length, waiting);
}

/** The visitor enters the room in which the operator waits; what it has said so far is said there. */
async function placeChat(tx: Tx, chat: Chat, room: Room, operator: Operator): Promise<void> {
  room.chatId = chat.id;
  await tx.rooms.update(room);
  chat.roomId = room.id;
  await tx.queue.given(chat, operator.id);
  await takeChat(tx, chat, operator);
  await enterRoom(tx, room, chat);
  for (const message of await tx.messages.list(chat.id, 0, CATCH_UP))
    if (message.sender === 'visitor') sayInRoom(tx, room, chat, message);
}

/** Who has been without a chat for longest comes first; never who doesn't want to be disturbed. */
async function sendForOperators(tx: Tx, pool: RoomPool, count: number, waiting: readonly Room[]): Promise<void> {
  if (count <= 0) return;
  const department = await tx.queue.department(pool.departmentId);
  const awaited = new Set(waiting.map(({ operatorId }) => operatorId));
  const free = (await tx.queue.candidates(department)).filter(
    ({ operator, show, load }) =>
      show !== 'dnd' && show !== 'xa' && !awaited.has(operator.id) && load < limitOf(department, operator.maxChats),
  );
  let sent = 0;
  for (const { operator } of free.sort(byIdleness)) {
    if (sent === count) return;
    const room = await directOperator(tx, pool, operator);
    if (room === null) return;
    if (room !== 'full') sent += 1;
  }
}

function byIdleness(a: Candidate, b: Candidate): number {
  return (a.idleSince?.getTime() ?? 0) - (b.idleSince?.getTime() ?? 0) || a.operator.id - b.operator.id;
}
