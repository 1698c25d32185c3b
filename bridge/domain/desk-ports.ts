import type { CannedReplyStore } from './canned-replies/canned-reply.js';
import type { Hours } from './hours/hours.js';
import type { OfflineMessage } from './offline/offline-message.js';
import type { Rule } from './routing/rule.js';

/** What decides where a visitor lands, and what is left where nobody is: a part of every transaction. */
export interface DeskPorts {
  readonly hours: HoursStore;
  readonly routing: RoutingStore;
  readonly offlineMessages: OfflineMessageStore;
  readonly pools: AccountPoolStore;
  readonly cannedReplies: CannedReplyStore;
}

export interface HoursStore {
  /** Undefined: always open. */
  ofDepartment(departmentId: number): Promise<Hours | undefined>;
  /** Null removes them. */
  set(instanceId: number, departmentId: number, hours: Hours | null): Promise<void>;
}

export interface RoutingStore {
  /** In their order. */
  rules(instanceId: number): Promise<Rule[]>;
  /** Replaces all of them. */
  replace(instanceId: number, rules: readonly Rule[]): Promise<void>;
}

export interface UntoldMessages {
  count: number;
  /** When the first of them was left. */
  since: Date | null;
  newest: OfflineMessage[];
  lastId: number;
}

export interface OfflineMessageStore {
  create(message: Omit<OfflineMessage, 'id' | 'createdAt' | 'doneAt'>, clientId: string): Promise<OfflineMessage>;
  lock(instanceId: number, id: number): Promise<OfflineMessage | undefined>;
  setDone(id: number, at: Date | null): void;
  /**
   * Messages of the operator's departments that aren't done and that it wasn't told of.
   * @param most how many of them are read, the newest first
   */
  untold(operatorId: number, most: number): Promise<UntoldMessages>;
  /** These operators know of this message; who has missed an earlier one still hears of all from there on. */
  told(operatorIds: readonly number[], id: number): Promise<void>;
  /** The operator knows of all up to this message. */
  toldAll(operatorId: number, id: number): void;
  byClientId(visitorId: number, clientId: string): Promise<OfflineMessage | undefined>;
}

/** Accounts that a desk's visitors use one after the other. One row is one account; whoever takes a row holds its visitor's lock. */
export interface AccountPoolStore {
  /** How many there are, free or not. */
  size(deskId: number): Promise<number>;
  /** A row for an account that is about to be made. @returns its id */
  add(instanceId: number, deskId: number): Promise<number>;
  setAccount(id: number, accountId: number): Promise<void>;
  /** Takes free ones out of the pool. @returns their accounts */
  dropFree(deskId: number, count: number): Promise<number[]>;
  /** Of two who take at once each gets another. @returns the account; undefined when none is free */
  take(deskId: number, visitorId: number): Promise<number | undefined>;
  /** Its visitor needs it on. */
  keep(accountId: number): void;
  /** By the database's clock. Nothing happens to an account that isn't in a pool. */
  endAfterDelay(accountId: number): void;
  /** Nobody's from now on, where it is still this visitor's and its time is over. */
  release(id: number, visitorId: number): Promise<{ accountId: number; deskId: number } | undefined>;
  /** By the database's clock: who wrote to it before meant somebody else. */
  takenAt(accountId: number): Promise<Date | null>;
  /** Whether chats of this desk wait for an account. */
  wanted(deskId: number): Promise<boolean>;
}
