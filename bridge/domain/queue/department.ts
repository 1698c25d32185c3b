import type { RoomRights } from '../rooms/rights.js';

/** A queue with operators, and the rules by which its chats are given to them. */
export interface Department extends DepartmentSettings {
  readonly id: number;
  readonly instanceId: number;
  readonly name: string;
}

export interface DepartmentSettings {
  /** `all`: everybody is shown a chat, the first answer has it; `one`: one operator after the other is asked; `direct`: the chat is given without asking. */
  readonly strategy: Strategy;
  /** A visitor who comes back is first shown to the operator of the last chat. With `all` this needs `offerSeconds`. */
  readonly returningFirst: boolean;
  /** How long an offer stands; null: until somebody answers, and with `one` 30 seconds. */
  readonly offerSeconds: number | null;
  /** Where chats go that have waited for `overflowSeconds`: once. */
  readonly overflowDepartmentId: number | null;
  readonly overflowSeconds: number | null;
  /** Chats that may wait at a time; null: any number. */
  readonly maxWaiting: number | null;
  /** Chats of one operator at most, whatever the operator's own limit is; null: that limit alone. */
  readonly maxPerOperator: number | null;
  /** Skills that an operator must have to be asked. */
  readonly requiredSkills: readonly string[];
  /** Who has more of these is asked before the others. */
  readonly preferredSkills: readonly string[];
  /** Whether only operators are asked who speak one of the visitor's languages, or those first who speak the dearest. */
  readonly matchLanguage: LanguageMatch;
  /** New chats while nobody is there: they wait, or are refused. */
  readonly whenEmpty: 'queue' | 'offline';
  /** By hand; `auto`: by the rules. `open` also takes chats outside the hours and while nobody is there, never more than may wait. */
  readonly opening: 'auto' | 'open' | 'closed';
  /** An owner who is offline for longer gives the chat back. */
  readonly graceSeconds: number;
  /** The visitor is reminded once of an answer that it leaves unanswered for so long; null: never. */
  readonly remindVisitorSeconds: number | null;
  /** The owner is reminded of words that it leaves unanswered for so long, and as often again; null: never. */
  readonly remindOperatorSeconds: number | null;
  readonly remindOperatorTimes: number;
  /** So long after the last reminder the chat stays with its owner, or waits for somebody else. */
  readonly unanswered: 'keep' | 'queue';
  /** A chat that is to be transferred to an operator who isn't there: it stays with its owner, or waits in the department for whoever is free. */
  readonly absentTarget: 'refuse' | 'queue';
  readonly roomRights: RoomRights;
  /** Owners are told who watches their chats. */
  readonly tellWatched: boolean;
  /** Who only monitors the department may take its chats over too, not only who manages it. */
  readonly monitorsTakeOver: boolean;
}

export type LanguageMatch = 'no' | 'prefer' | 'require';

export const LANGUAGE_MATCHES = ['no', 'prefer', 'require'] as const satisfies readonly LanguageMatch[];

export type Strategy = 'all' | 'one' | 'direct';

export const STRATEGIES = ['all', 'one', 'direct'] as const satisfies readonly Strategy[];

/** With one operator asked at a time somebody has to be next, whatever is set. */
const ONE_SECONDS = 30;

/** How long an offer of this department stands; null: until somebody answers. */
export function offerSecondsOf({ strategy, offerSeconds }: DepartmentSettings): number | null {
  return strategy === 'one' ? (offerSeconds ?? ONE_SECONDS) : offerSeconds;
}

/** Chats that an operator may have at a time. */
export function limitOf(department: Pick<DepartmentSettings, 'maxPerOperator'>, maxChats: number): number {
  return Math.min(maxChats, department.maxPerOperator ?? maxChats);
}
