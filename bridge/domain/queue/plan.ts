import { chooseAll, chooseOne, hasRoom, type Standing } from './choose-operators.js';
import type { Department } from './department.js';
import { groupOf, type Wants } from './fit.js';
import type { Candidate, Refusal } from './store.js';

/** A chat without owner, as far as giving it is concerned. */
export interface QueuedChat {
  readonly id: number;
  /** Operators who have an open offer of it. */
  readonly asked: readonly number[];
  readonly refusals: readonly Refusal[];
  readonly lastOperator: number | null;
  readonly wants: Wants;
}

/** What is to be done: ask these operators, or give the chat to one. */
export type Step =
  | { kind: 'ask'; chatId: number; operatorIds: number[]; alone: boolean }
  | { kind: 'give'; chatId: number; operatorId: number };

/** An operator who let an offer expire isn't asked about the same chat again for so long. */
const REST_MS = 20_000;

/** Who is asked about which chat now. Chats oldest first: none is passed over for a later one that the same operators could have. */
export function planQueue(
  department: Department,
  candidates: readonly Candidate[],
  chats: readonly QueuedChat[],
  now: Date,
): Step[] {
  const here = new Map(candidates.map((one) => [one.operator.id, { ...one }]));
  const steps: Step[] = [];
  for (const chat of chats) {
    // Full ones are left out: 200 operators who have no room cost nothing for each of the chats that wait.
    const free = [...here.values()].filter((one) => hasRoom(department, one));
    if (free.length === 0) break;
    const step = stepFor(department, free, standingOf(department, here, chat, now), chat);
    if (step === null) continue;
    steps.push(step);
    for (const id of step.kind === 'ask' ? step.operatorIds : [step.operatorId]) {
      const one = here.get(id) as Candidate;
      here.set(id, taken(one, step, steps.length));
    }
  }
  return steps;
}

function stepFor(
  department: Department,
  free: readonly Candidate[],
  standing: Standing,
  chat: QueuedChat,
): Step | null {
  if (department.strategy === 'all') {
    const first = returning(department, free, chat, standing);
    if (first !== undefined) return { kind: 'ask', chatId: chat.id, operatorIds: [first], alone: false };
    // Asked alone because the visitor came back: the others follow when that offer is over.
    if (department.returningFirst && waitsForLast(department, chat)) return null;
    const operatorIds = chooseAll(department, free, standing).map(({ operator }) => operator.id);
    return operatorIds.length === 0 ? null : { kind: 'ask', chatId: chat.id, operatorIds, alone: false };
  }
  if (chat.asked.length > 0) return null;
  const next = chooseOne(department, free, standing);
  if (!next) return null;
  return department.strategy === 'direct'
    ? { kind: 'give', chatId: chat.id, operatorId: next.operator.id }
    : { kind: 'ask', chatId: chat.id, operatorIds: [next.operator.id], alone: true };
}

function standingOf(
  department: Department,
  here: ReadonlyMap<number, Candidate>,
  { asked, refusals, lastOperator, wants }: QueuedChat,
  now: Date,
): Standing {
  const groups = asked.map((id) => here.get(id)).map((one) => (one ? (groupOf(department, wants, one) ?? 0) : 0));
  const rests = (refusal: Refusal) => refusal.at.getTime() + REST_MS > now.getTime();
  return {
    refused: new Set(refusals.filter((one) => one.state === 'declined' || rests(one)).map((one) => one.operatorId)),
    late: new Set(refusals.map((one) => one.operatorId)),
    asked: new Set(asked),
    reached: Math.max(0, ...groups),
    lastOperator,
    wants,
  };
}

/** The last operator of a visitor who comes back, where it is asked before the others and hasn't been yet. */
function returning(
  department: Department,
  free: readonly Candidate[],
  { asked, refusals, lastOperator }: QueuedChat,
  standing: Standing,
): number | undefined {
  if (!department.returningFirst || department.offerSeconds === null || lastOperator === null) return undefined;
  if (asked.length > 0 || refusals.some((one) => one.operatorId === lastOperator)) return undefined;
  const last = free.find(({ operator }) => operator.id === lastOperator);
  if (!last || (last.show === 'away' && free.some(({ show }) => show !== 'away'))) return undefined;
  return chooseAll(department, [last], standing)[0]?.operator.id;
}

function waitsForLast({ offerSeconds }: Department, { asked, refusals, lastOperator }: QueuedChat): boolean {
  return (
    offerSeconds !== null &&
    asked.length === 1 &&
    asked[0] === lastOperator &&
    !refusals.some((one) => one.operatorId === lastOperator)
  );
}

function taken(one: Candidate, step: Step, order: number): Candidate {
  const lastAsked = Number.MAX_SAFE_INTEGER - 1_000_000 + order;
  if (step.kind === 'give') return { ...one, load: one.load + 1, lastAsked };
  return step.alone ? { ...one, asked: one.asked + 1, lastAsked } : { ...one, shown: one.shown + 1, lastAsked };
}
