import type { Chat } from '../chats/chat.js';
import { moveChat } from '../chats/chat.js';
import { notifyAboutChat, notifyOwner } from '../chats/notify-operator.js';
import { returnToQueue } from '../chats/return-to-queue.js';
import type { Tx } from '../ports.js';
import { placeChats } from '../rooms/place-chats.js';
import { limitOf, type Department } from './department.js';
import { queued } from './enqueue.js';
import { elsewhere } from './fit.js';
import { applyStep, endOffer } from './give.js';
import type { Offer } from './offer.js';
import { planQueue } from './plan.js';
import type { Candidate, DueChats } from './store.js';

/**
 * Looks at a department's queue as it is now, and does what time, and what others have committed, ask for: takes chats from owners who are gone, ends offers
 * that are over or whose operators can't take them any more, moves on what has waited too long, and asks who is free. Can be repeated at any time.
 * @returns whether a chat was left out because somebody else has it locked: look again
 */
export async function dispatchDepartment(tx: Tx, department: Department): Promise<boolean> {
  const now = await tx.queue.lock(department.instanceId);
  const due = await tx.queue.due(department);
  const ids = [...new Set([...due.waiting, ...due.offered, ...due.overflowing, ...due.orphaned, ...due.expired])];
  if (ids.length === 0) return false;
  const locked = new Map((await tx.queue.lockFree(ids)).map((chat) => [chat.id, chat]));
  const here = (list: readonly number[]): Chat[] =>
    list.flatMap((id) => locked.get(id) ?? []).filter((chat) => chat.departmentId === department.id);

  for (const chat of here(due.orphaned)) await takeFromOwner(tx, chat, now);
  const candidates = await tx.queue.candidates(department);
  await endOffers(tx, department, here([...due.offered, ...due.expired, ...due.orphaned]), candidates, now);
  for (const chat of here(due.overflowing)) await moveOn(tx, department, chat, now);

  const chats = inOrder(here(queueOf(due)));
  const pool = await tx.rooms.pool(department.id);
  if (pool) {
    await placeChats(tx, pool, chats);
    return locked.size < ids.length;
  }
  // What was ended here has made room.
  const after = await tx.queue.candidates(department);
  const operators = new Map(after.map(({ operator }) => [operator.id, operator]));
  for (const step of planQueue(department, after, await queued(tx, chats), now))
    await applyStep(tx, department, locked.get(step.chatId) as Chat, step, operators);
  return locked.size < ids.length;
}

function queueOf({ waiting, offered, orphaned }: DueChats): number[] {
  return [...new Set([...waiting, ...offered, ...orphaned])];
}

function inOrder(chats: readonly Chat[]): Chat[] {
  return chats
    .filter(({ state, queuedAt }) => (state === 'waiting' || state === 'offered') && queuedAt !== null)
    .sort((a, b) => (a.queuedAt as Date).getTime() - (b.queuedAt as Date).getTime() || a.id - b.id);
}

async function takeFromOwner(tx: Tx, chat: Chat, now: Date): Promise<void> {
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  if (chat.state !== 'active' || !owner) return;
  chat.handover = JSON.stringify({ from: owner.name, note: '' });
  await returnToQueue(tx, chat, owner, now);
  notifyAboutChat(tx, chat, owner, { key: 'handed_back' });
}

async function endOffers(
  tx: Tx,
  department: Department,
  chats: readonly Chat[],
  candidates: readonly Candidate[],
  now: Date,
): Promise<void> {
  const fit = new Set(
    candidates
      .filter(({ operator, load }) => load < limitOf(department, operator.maxChats))
      .map(({ operator }) => operator.id),
  );
  const byId = new Map(chats.map((chat) => [chat.id, chat]));
  for (const offer of await tx.queue.openOffers([...byId.keys()])) {
    const chat = byId.get(offer.chatId) as Chat;
    if (isOver(offer, now)) await expire(tx, chat, offer);
    else if (offer.kind !== 'transfer' && !fit.has(offer.operatorId)) await endOffer(tx, chat, offer, 'revoked');
  }
}

function isOver({ expiresAt }: Offer, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

async function expire(tx: Tx, chat: Chat, offer: Offer): Promise<void> {
  await endOffer(tx, chat, offer, 'expired');
  if (offer.kind === 'transfer') await notifyOwner(tx, chat, { key: 'transfer_over' });
  const operator = await tx.operators.get(offer.operatorId);
  if (operator) notifyAboutChat(tx, chat, operator, { key: 'offer_over' });
}

/** Into the overflow department, where it keeps its age. */
async function moveOn(tx: Tx, { overflowDepartmentId }: Department, chat: Chat, now: Date): Promise<void> {
  if (overflowDepartmentId === null || chat.overflowed || (chat.state !== 'waiting' && chat.state !== 'offered'))
    return;
  for (const offer of await tx.queue.openOffers([chat.id])) await endOffer(tx, chat, offer, 'revoked');
  if (chat.state === 'offered') moveChat(chat, 'waiting');
  chat.departmentId = overflowDepartmentId;
  chat.wants = elsewhere(chat.wants);
  chat.overflowed = true;
  chat.waitingSince = now;
  chat.position = null;
  tx.feed.append(chat, { kind: 'chat' });
  tx.queue.wake(chat.instanceId);
}
