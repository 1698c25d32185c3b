import type { Tx } from '../ports.js';
import { limitOf, type Department } from './department.js';
import { isThere } from './choose-operators.js';
import type { Candidate } from './store.js';

/** Chats told by one transaction: the queue is locked meanwhile. */
const AT_ONCE = 500;

/** Seconds until a chat at this place has an operator, by how long the last chats took; null where nobody can say. */
export async function estimateSeconds(tx: Tx, department: Department, position: number): Promise<number | null> {
  const handling = await tx.queue.handlingSeconds(department.id);
  return estimate(department, await tx.queue.candidates(department), handling, position);
}

/** With n chats under way one of them ends every n-th part of the time that a chat takes. */
export function estimate(
  department: Department,
  candidates: readonly Candidate[],
  handlingSeconds: number | null,
  position: number,
): number | null {
  const atATime = candidates
    .filter(({ show }) => isThere(show))
    .reduce((sum, { operator }) => sum + limitOf(department, operator.maxChats), 0);
  return handlingSeconds === null || atATime === 0 ? null : Math.ceil((handlingSeconds * position) / atATime);
}

/**
 * Tells visitors whose place has changed where they stand now.
 * @returns whether there may be more to tell
 */
export async function tellPositions(
  tx: Tx,
  { id, instanceId }: Pick<Department, 'id' | 'instanceId'>,
): Promise<boolean> {
  await tx.queue.lock(instanceId);
  const displaced = await tx.queue.displaced(id, AT_ONCE);
  if (displaced.length === 0) return false;
  const places = new Map(displaced.map(({ chatId, position }) => [chatId, position]));
  const department = await tx.queue.department(id);
  const candidates = await tx.queue.candidates(department);
  const handling = await tx.queue.handlingSeconds(id);
  const chats = await tx.queue.lockFree([...places.keys()]);
  for (const chat of chats) {
    const position = places.get(chat.id) as number;
    if (chat.state !== 'waiting' || chat.departmentId !== id || chat.position === position) continue;
    chat.position = position;
    chat.waitSeconds = estimate(department, candidates, handling, position);
    tx.feed.append(chat, { kind: 'position', position, waitSeconds: chat.waitSeconds });
  }
  // Those that somebody else has locked just now have their turn with the next look.
  return displaced.length === AT_ONCE && chats.length > 0;
}
