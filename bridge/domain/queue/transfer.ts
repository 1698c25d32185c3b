import { FoyerError } from '../../shared/errors.js';
import type { Chat } from '../chats/chat.js';
import { moveChat } from '../chats/chat.js';
import { assignChat } from '../chats/assign-chat.js';
import { returnToQueue } from '../chats/return-to-queue.js';
import { takeChat } from '../chats/take-chat.js';
import { barOf } from '../operators/may-answer.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { isThere } from './choose-operators.js';
import { limitOf, type Department } from './department.js';
import { enqueue } from './enqueue.js';
import { elsewhere } from './fit.js';
import { endOffer, visitorOf } from './give.js';
import { tellHandover, type Handover } from './handover.js';
import { roomOf } from './room.js';

/** A transfer that nobody answers is over after so long, where the department sets no time. */
const TRANSFER_SECONDS = 60;

/**
 * Asks an operator to take a chat over. The owner keeps it until then. Whoever is there only in the helpdesk's pages has it at once: nobody would read the
 * question. For somebody who isn't there the chat waits for whoever is free, where its department has it so. The chat must be locked.
 * @returns what became of it
 * @throws FoyerError `conflict` when the chat has no owner, or this one | `operator_absent` | `operator_full`
 */
export async function transferToOperator(
  tx: Tx,
  chat: Chat,
  target: Operator,
  handover: Handover,
): Promise<'asked' | 'given' | 'queued'> {
  if (chat.state !== 'active' || chat.operatorId === target.id)
    throw new FoyerError('conflict', 'Only a chat that another operator has can be transferred to one.');
  await tx.queue.lock(chat.instanceId);
  const department = await tx.queue.department(chat.departmentId);
  const candidate = await tx.queue.candidate(target.id);
  if (await barOf(tx, target, department.id))
    throw new FoyerError('operator_absent', `${target.name} takes no chats here.`);
  if (!candidate && !target.paused && !target.offDuty && (await tx.operators.isInWeb(target.id))) {
    await assignChat(tx, chat, { operator: target, by: handover.from, note: handover.note });
    return 'given';
  }
  if (!candidate || !isThere(candidate.show)) {
    if (department.absentTarget === 'refuse') throw new FoyerError('operator_absent', `${target.name} isn’t there.`);
    await transferToDepartment(tx, chat, department, handover);
    return 'queued';
  }
  if (candidate.load + candidate.asked >= limitOf(department, target.maxChats))
    throw new FoyerError('operator_full', `${target.name} has no room for another chat.`);
  for (const offer of await tx.queue.openOffers([chat.id])) await endOffer(tx, chat, offer, 'revoked');
  const seconds = department.offerSeconds ?? TRANSFER_SECONDS;
  await tx.queue.open(chat, target.id, 'transfer', seconds);
  tx.chats.setParticipant(chat.id, target.id, 'offered', chat.lastNumber);
  const values = { ...handover, visitor: await visitorOf(tx, chat), number: chat.number, seconds };
  await tellHandover(tx, chat, target, { key: 'transfer_asked', values });
  return 'asked';
}

/**
 * Puts a chat into the queue of a department, where it comes before those that began later. The chat must be locked.
 * @throws FoyerError `conflict` when it has ended, is an invitation, or is there already without an owner
 */
export async function transferToDepartment(
  tx: Tx,
  chat: Chat,
  department: Department,
  handover: Handover,
): Promise<void> {
  const unowned = chat.state === 'waiting' || chat.state === 'offered';
  if (!unowned && chat.state !== 'active') throw new FoyerError('conflict', 'This chat can’t be transferred.');
  if (unowned && chat.departmentId === department.id)
    throw new FoyerError('conflict', 'The chat waits in this department already.');
  const now = await tx.queue.lock(chat.instanceId);
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  if (chat.departmentId !== department.id) chat.wants = elsewhere(chat.wants);
  chat.departmentId = department.id;
  chat.overflowed = false;
  chat.handover = JSON.stringify(handover);
  if (chat.state === 'active') {
    await returnToQueue(tx, chat, owner, now);
    if (owner) await tx.queue.refuse(chat, owner.id);
  } else {
    for (const offer of await tx.queue.openOffers([chat.id])) await endOffer(tx, chat, offer, 'revoked');
    if (chat.state === 'offered') moveChat(chat, 'waiting');
    tx.feed.append(chat, { kind: 'chat' });
  }
  if (chat.queuedAt !== null) await enqueue(tx, chat);
}

/**
 * The operator whom a transfer asks takes the chat from its owner. The chat must be locked.
 * @returns null when nobody asked this operator
 */
export async function acceptTransfer(tx: Tx, chat: Chat, operator: Operator): Promise<'taken' | 'no_room' | null> {
  const offers = await tx.queue.openOffers([chat.id]);
  if (!offers.some(({ kind, operatorId }) => kind === 'transfer' && operatorId === operator.id)) return null;
  if (!(await roomOf(tx, chat, operator)).left) return 'no_room';
  await takeChat(tx, chat, operator);
  return 'taken';
}
