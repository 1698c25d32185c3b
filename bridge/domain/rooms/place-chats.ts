import type { Chat } from '../chats/chat.js';
import { takeChat } from '../chats/take-chat.js';
import type { Message } from '../chats/message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { limitOf } from '../queue/department.js';
import type { Candidate } from '../queue/store.js';
import { bringWatchers } from '../supervision/watch.js';
import { directOperator } from './direct-operator.js';
import { leaveOwnRoom } from './end-room.js';
import type { Room } from './room.js';
import { enterRoom, sayInRoom } from './room-talk.js';
import { sayBefore } from './said-before.js';
import type { RoomPool } from './store.js';

/** Messages of a waiting chat that are said in its room at most. */
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

/** The visitor enters the room in which the operator waits; what was said so far stands there. */
async function placeChat(tx: Tx, chat: Chat, room: Room, operator: Operator): Promise<void> {
  // Others may watch it in a room of its own.
  await leaveOwnRoom(tx, chat);
  room.chatId = chat.id;
  await tx.rooms.update(room);
  chat.roomId = room.id;
  await bringWatchers(tx, chat);
  await tx.queue.given(chat, operator.id);
  await takeChat(tx, chat, operator);
  await enterRoom(tx, room, chat);
  const messages = await tx.messages.list(chat.id, Math.max(0, chat.lastNumber - CATCH_UP), CATCH_UP);
  // What somebody has read already, who had the chat before, stands there as what was said before.
  const isNew = (message: Message): boolean => message.sender === 'visitor' && message.state === 'stored';
  await sayBefore(
    tx,
    room,
    chat,
    messages.filter((message) => !isNew(message)),
    operator,
  );
  for (const message of messages.filter(isNew)) sayInRoom(tx, room, chat, message);
}

/** Who has been without a chat for longest comes first, who didn't come lately last; never who doesn't want to be disturbed. */
async function sendForOperators(tx: Tx, pool: RoomPool, count: number, waiting: readonly Room[]): Promise<void> {
  if (count <= 0) return;
  const department = await tx.queue.department(pool.departmentId);
  const awaited = new Set(waiting.map(({ operatorId }) => operatorId));
  const free = (await tx.queue.candidates(department)).filter(
    ({ operator, show, load }) =>
      show !== 'dnd' && show !== 'xa' && !awaited.has(operator.id) && load < limitOf(department, operator.maxChats),
  );
  let sent = 0;
  const missed = await tx.rooms.missed(pool.departmentId);
  const since = ({ operator: { id } }: Candidate) => missed.get(id)?.getTime() ?? 0;
  for (const { operator } of free.sort((a, b) => since(a) - since(b) || byIdleness(a, b))) {
    if (sent === count) return;
    const room = await directOperator(tx, pool, operator);
    if (room === null) return;
    if (room !== 'full') sent += 1;
  }
}

function byIdleness(a: Candidate, b: Candidate): number {
  return (a.idleSince?.getTime() ?? 0) - (b.idleSince?.getTime() ?? 0) || a.operator.id - b.operator.id;
}
