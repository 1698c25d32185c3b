import type { Show } from '../operators/operator.js';
import { limitOf, type Department } from './department.js';
import { groupOf, type Wants } from './fit.js';
import type { Candidate } from './store.js';

/** An operator who is free to chat comes first; one who is away is asked when nobody else can be. The others aren't asked. */
const RANK: Partial<Record<Show, number>> = { chat: 0, available: 1, away: 2 };
const AWAY = 2;

/** Chats without answer that an operator is shown at a time: more can't be read. */
export const SHOWN_AT_MOST = 50;

/** Who may be given chats at all: the others are not there, whatever their client is. */
export function isThere(show: Show): boolean {
  return RANK[show] !== undefined;
}

/** What stands against this operator and this chat. */
export interface Standing {
  /** Declined, or let an offer expire a moment ago: isn't asked. */
  refused: ReadonlySet<number>;
  /** Let an offer expire: asked after the others. */
  late: ReadonlySet<number>;
  /** Has an open offer of it. */
  asked: ReadonlySet<number>;
  /** The highest group of those who are asked; 0 while nobody is. */
  reached: number;
  /** The operator of the visitor's last chat. */
  lastOperator: number | null;
  wants: Wants;
}

export function hasRoom(department: Department, { operator, load, asked }: Candidate): boolean {
  return load + asked < limitOf(department, operator.maxChats);
}

/** Everybody of the first group that has somebody, who is shown a chat of a department that asks all: those who aren't shown it yet. */
export function chooseAll(department: Department, candidates: readonly Candidate[], standing: Standing): Candidate[] {
  const able = ableTo(department, candidates, standing).filter(({ shown }) => shown < SHOWN_AT_MOST);
  const present = able.filter(({ show }) => RANK[show] !== AWAY);
  const askable = present.length > 0 ? present : standing.asked.size > 0 ? [] : able;
  const group = (one: Candidate): number => groupOf(department, standing.wants, one) ?? Infinity;
  const reached = standing.asked.size > 0 ? standing.reached : Math.min(...askable.map(group));
  return askable.filter((one) => group(one) <= reached).sort(byRank);
}

/**
 * The one who is asked, or given the chat, next: an operator who isn't away; the last one of a visitor who comes back; one who hasn't let this chat pass; of the first group;
 * free to chat before available; fewest chats; longest without one; longest not asked.
 */
export function chooseOne(
  department: Department,
  candidates: readonly Candidate[],
  standing: Standing,
): Candidate | undefined {
  const order = (one: Candidate): number[] => [
    RANK[one.show] === AWAY ? 1 : 0,
    department.returningFirst && one.operator.id === standing.lastOperator ? 0 : 1,
    standing.late.has(one.operator.id) ? 1 : 0,
    groupOf(department, standing.wants, one) ?? Infinity,
    RANK[one.show] ?? AWAY,
    one.load + one.asked,
    one.idleSince?.getTime() ?? 0,
    one.lastAsked,
    one.operator.id,
  ];
  return ableTo(department, candidates, standing)
    .map((candidate) => ({ candidate, key: order(candidate) }))
    .sort((a, b) => compare(a.key, b.key))[0]?.candidate;
}

function ableTo(department: Department, candidates: readonly Candidate[], standing: Standing): Candidate[] {
  const { refused, asked, wants } = standing;
  return candidates.filter(
    (one) =>
      isThere(one.show) &&
      !refused.has(one.operator.id) &&
      !asked.has(one.operator.id) &&
      hasRoom(department, one) &&
      groupOf(department, wants, one) !== null,
  );
}

function byRank(a: Candidate, b: Candidate): number {
  return compare([RANK[a.show] ?? AWAY, a.operator.id], [RANK[b.show] ?? AWAY, b.operator.id]);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}
