import type { Chat } from '../chats/chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { limitOf } from './department.js';

export interface Room {
  left: boolean;
  /** Active chats. */
  load: number;
  limit: number;
}

/** Whether an operator may have one chat more: of this department. Locks the queue, so that it still holds when the chat is taken. */
export async function roomOf(
  tx: Tx,
  chat: Pick<Chat, 'instanceId' | 'departmentId'>,
  operator: Operator,
): Promise<Room> {
  await tx.queue.lock(chat.instanceId);
  const limit = limitOf(await tx.queue.department(chat.departmentId), operator.maxChats);
  const load = await tx.queue.load(operator.id);
  return { left: load < limit, load, limit };
}
