import type { Chat } from '../chats/chat.js';
import { barOf, type Bar } from '../operators/may-answer.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import type { Text } from '../texts/say.js';
import { limitOf } from './department.js';

export interface Room {
  left: boolean;
  /** What stands against it, however much room there is. */
  bar: Bar | 'no_contact' | null;
  /** Active chats. */
  load: number;
  limit: number;
}

/** Whether an operator may have one chat more: of this department. Locks the queue, so that it still holds when the chat is taken. */
export async function roomOf(
  tx: Tx,
  chat: Pick<Chat, 'instanceId' | 'departmentId' | 'noContact'>,
  operator: Operator,
): Promise<Room> {
  await tx.queue.lock(chat.instanceId);
  const limit = limitOf(await tx.queue.department(chat.departmentId), operator.maxChats);
  const load = await tx.queue.load(operator.id);
  const bar = chat.noContact ? 'no_contact' : await barOf(tx, operator, chat.departmentId);
  return { left: bar === null && load < limit, bar, load, limit };
}

/** What the operator reads where no room is left. */
export function saidOf({ bar, load, limit }: Room, full: 'full' | 'no_room'): Text {
  return bar === null ? { key: full, values: { load, limit } } : { key: bar };
}
