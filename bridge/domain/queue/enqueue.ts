import type { Chat } from '../chats/chat.js';
import type { Tx } from '../ports.js';
import { placeChats } from '../rooms/place-chats.js';
import { wantsOf } from './fit.js';
import { applyStep } from './give.js';
import { planQueue, type QueuedChat } from './plan.js';
import { estimateSeconds } from './positions.js';

/**
 * The chat has something to show and no owner: it takes its place in the queue. Where an operator is free it is offered or given at once, in this transaction, unless
 * it would take the room of one that waits before it; else it waits for the dispatcher. The chat must be locked, and waiting.
 */
export async function enqueue(tx: Tx, chat: Chat): Promise<void> {
  const now = await tx.queue.lock(chat.instanceId);
  chat.queuedAt ??= now;
  chat.waitingSince = now;
  const department = await tx.queue.department(chat.departmentId);
  const ahead = await tx.queue.ahead(chat);
  const pool = await tx.rooms.pool(chat.departmentId);
  if (pool) {
    if (ahead === 0) await placeChats(tx, pool, [chat]);
  } else if (!chat.noContact && (ahead === 0 || department.strategy === 'all')) {
    const candidates = await tx.queue.candidates(department);
    const [step] = planQueue(department, candidates, await queued(tx, [chat]), now);
    const operators = new Map(candidates.map(({ operator }) => [operator.id, operator]));
    if (step) await applyStep(tx, department, chat, step, operators);
  }
  if (chat.state !== 'waiting') return;
  chat.position = ahead + 1;
  chat.waitSeconds = await estimateSeconds(tx, department, chat.position);
  if (chat.acceptedAt === null) chat.estimateSeconds ??= chat.waitSeconds;
  tx.feed.append(chat, { kind: 'position', position: chat.position, waitSeconds: chat.waitSeconds });
  // Others may have to move back, or there is room that nobody has looked at.
  tx.queue.wake(chat.instanceId);
}

/** What a plan has to know of these chats. */
export async function queued(tx: Tx, chats: readonly Chat[]): Promise<QueuedChat[]> {
  const ids = chats.map(({ id }) => id);
  const offers = await tx.queue.openOffers(ids);
  const refusals = await tx.queue.refusals(ids);
  const lastOperators = await tx.queue.lastOperators(ids);
  return chats.map(({ id, wants }) => ({
    id,
    asked: offers.filter(({ chatId }) => chatId === id).map(({ operatorId }) => operatorId),
    refusals: refusals.filter(({ chatId }) => chatId === id),
    lastOperator: lastOperators.get(id) ?? null,
    wants: wantsOf(wants),
  }));
}
