import type { DueEntry, MailEntry, OutboxEntry, Refusal } from './entry.js';

export type Target = 'account' | 'helpdesk' | 'mail';

export const TARGETS = ['account', 'helpdesk', 'mail'] as const satisfies readonly Target[];

/** The lane of everything that one XMPP account says or is. */
export function accountLane(accountId: number): string {
  return `a:${accountId}`;
}

/** A lane of callbacks: those about one chat or one visitor arrive in order. */
export function helpdeskLane(instanceId: number, about: string): string {
  return `h:${instanceId}:${about}`;
}

/** A lane of mails about one chat, or one message that was left. */
export function mailLane(instanceId: number, { chat, message }: MailEntry['about']): string {
  return chat === undefined ? `m:${instanceId}:o${message}` : `m:${instanceId}:c${chat}`;
}

export function targetOf(lane: string): Target {
  return ({ a: 'account', h: 'helpdesk', m: 'mail' } as const)[lane.charAt(0) as 'a' | 'h' | 'm'];
}

/** The chat that an entry of this lane is about, where that can be told. */
export function chatOf(lane: string, entry: OutboxEntry): number | undefined {
  if (entry.kind === 'xmpp.message' || entry.kind === 'room.message') return entry.track?.chatId;
  const chat = /^[hm]:\d+:c(\d+)$/.exec(lane)?.[1];
  return chat === undefined ? undefined : Number(chat);
}

/** A lane that this process may serve now. */
export interface ClaimedLane {
  name: string;
  /** The process that claimed it. */
  owner: number;
  target: Target;
  instanceId: number;
  accountId: number | null;
  /** Tries of its first entry that failed. */
  attempts: number;
  /** Counts entries ever added: if it has grown when the lane is given back, the lane isn't empty. */
  pushed: number;
}

/** An entry that nobody tries again, unless a person does. */
export interface GivenUp {
  entry: DueEntry;
  reason: string;
  refusal?: Refusal | undefined;
}

/** What a process did with a lane that it had claimed. */
export interface Settlement {
  lane: ClaimedLane;
  /** Entries that have had their effect. */
  done: readonly number[];
  /** Entries that are given up. */
  dead: readonly GivenUp[];
  /**
   * `keep`: this process goes on with the lane; `free`: nothing more was found, anybody may serve it when something comes; `wait`: not before so many
   * milliseconds.
   */
  then: { lane: 'keep' | 'free' } | { lane: 'wait'; milliseconds: number; attempts: number; reason: string };
}

/** What is next in a lane. */
export interface DueEntries {
  /** Oldest first. */
  entries: DueEntry[];
  /** How many were ever added when they were read. */
  pushed: number;
  /** There were no more. */
  all: boolean;
}

/** The lanes as the delivery needs them. Claims are by the process: they end with it, or when it gives them back. */
export interface LaneStore {
  /** @returns nothing where the process isn't alive by the database's own clock */
  claim(target: Target, processId: number, limit: number): Promise<ClaimedLane[]>;
  entries(lane: ClaimedLane): Promise<DueEntries>;
  settle(settlement: Settlement): Promise<void>;
  /**
   * Frees what the process has claimed and doesn't serve: the answer to its claim got lost on the way.
   * @param serves names of the lanes that it does serve
   */
  giveBack(target: Target, processId: number, serves: readonly string[]): Promise<void>;
  /** Milliseconds until a lane of this target may be served; null when none is waiting. */
  nextDue(target: Target): Promise<number | null>;
  /** The other side works again: lanes that wait for a retry may be served now. */
  hurry(target: Target, instanceId: number | null): Promise<void>;
}
