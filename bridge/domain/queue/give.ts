import type { Chat } from '../chats/chat.js';
import { moveChat } from '../chats/chat.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import { offerTo } from '../chats/offer-chat.js';
import { takeChat } from '../chats/take-chat.js';
import { answerLines } from '../desks/question.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { rosterName } from '../visitors/visitor.js';
import { offerSecondsOf, type Department } from './department.js';
import { tellHandover, type Handover } from './handover.js';
import type { Offer, OfferState } from './offer.js';
import type { Step } from './plan.js';

/** Does what was planned for a chat. Chat and queue must be locked. */
export async function applyStep(
  tx: Tx,
  department: Department,
  chat: Chat,
  step: Step,
  operators: ReadonlyMap<number, Operator>,
): Promise<void> {
  const operatorOf = (id: number) => operators.get(id) as Operator;
  if (step.kind === 'ask') {
    for (const id of step.operatorIds) await ask(tx, department, chat, operatorOf(id), step.alone);
    return;
  }
  const operator = operatorOf(step.operatorId);
  await tx.queue.given(chat, operator.id);
  notifyAboutChat(tx, chat, operator, { key: 'given', values: { visitor: await visitorOf(tx, chat) } });
  await announce(tx, chat, operator, null);
  await takeChat(tx, chat, operator);
}

async function ask(tx: Tx, department: Department, chat: Chat, operator: Operator, alone: boolean): Promise<void> {
  const seconds = offerSecondsOf(department);
  await tx.queue.open(chat, operator.id, alone ? 'alone' : 'all', seconds);
  await announce(tx, chat, operator, seconds);
  const participants = await tx.chats.participants(chat.id);
  await offerTo(
    tx,
    chat,
    operator,
    participants.find(({ operatorId }) => operatorId === operator.id),
  );
}

/** What stands above the visitor's words, which say enough where nothing was asked and there is no deadline. */
async function announce(tx: Tx, chat: Chat, operator: Operator, seconds: number | null): Promise<void> {
  const values = { visitor: await visitorOf(tx, chat), number: chat.number, seconds: seconds ?? 0 };
  if (seconds !== null) notifyAboutChat(tx, chat, operator, { key: 'offered_for', values });
  if (chat.answers.length > 0)
    notifyAboutChat(tx, chat, operator, { key: 'asked_before', values }, answerLines(chat.answers).join('\n'));
  if (chat.handover === null) return;
  const handover = JSON.parse(chat.handover) as Handover;
  await tellHandover(tx, chat, operator, { key: 'handed_over', values: { ...values, ...handover } });
  // The lines are in it.
  tx.chats.setParticipant(chat.id, operator.id, 'offered', chat.lastNumber);
}

/** An operator isn't asked about a chat any more; with the last offer it waits again. The chat must be locked. */
export async function endOffer(
  tx: Tx,
  chat: Chat,
  { operatorId }: Pick<Offer, 'operatorId'>,
  state: Exclude<OfferState, 'open' | 'accepted'>,
): Promise<void> {
  await tx.queue.end(chat.id, state, operatorId);
  const participants = await tx.chats.participants(chat.id);
  const own = participants.find((one) => one.operatorId === operatorId);
  if (own?.role === 'offered') tx.chats.setParticipant(chat.id, operatorId, 'past', own.sentNumber);
  const others = participants.some((one) => one.role === 'offered' && one.operatorId !== operatorId);
  if (chat.state !== 'offered' || others) return;
  moveChat(chat, 'waiting');
  tx.feed.append(chat, { kind: 'chat' });
  tx.queue.wake(chat.instanceId);
}

/** What operators read for a visitor: `Vera · /pricing`. */
export async function visitorOf(tx: Tx, chat: Chat): Promise<string> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  return visitor ? rosterName(visitor) : `Visitor ${chat.visitorId}`;
}
