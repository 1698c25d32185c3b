import type { Chat } from '../chats/chat.js';
import type { Operator, Show } from '../operators/operator.js';
import type { Department } from './department.js';
import type { Offer, OfferKind, OfferState } from './offer.js';

/**
 * What the queue asks of its storage.
 *
 * Locks are taken in one order: first the chats (and visitors) that a transaction is about, then the queue of their instance, which is the instance's row;
 * whoever holds the queue waits for no chat, but takes those that are free. Who opens an offer or gives a chat to an operator holds the chat and the queue, so
 * that room is counted by one at a time; ending an offer needs the chat alone.
 */
export interface QueueStore {
  /** Until the commit. @returns the database's time */
  lock(instanceId: number): Promise<Date>;
  /** Has the dispatcher look at this instance once it commits: there may be room, or a chat, that there wasn't. */
  wake(instanceId: number): void;
  department(id: number): Promise<Department>;
  /** Operators of a department who are there and not paused, whatever they have to do. */
  candidates(department: Department): Promise<Candidate[]>;
  /** One who is there and not paused, of any department. */
  candidate(operatorId: number): Promise<Candidate | undefined>;
  /** Active chats of an operator. */
  load(operatorId: number): Promise<number>;
  /** Open ones, of these chats. */
  openOffers(chatIds: readonly number[]): Promise<Offer[]>;
  /** Open ones of an operator, oldest first. */
  offersTo(operatorId: number): Promise<Offer[]>;
  /** Those that were declined or expired since the chat last had an owner. */
  refusals(chatIds: readonly number[]): Promise<Refusal[]>;
  /** @param seconds how long it stands; null: until somebody answers */
  open(chat: Chat, operatorId: number, kind: OfferKind, seconds: number | null): Promise<void>;
  /** The open offers of this chat, all of them or one operator's. */
  end(chatId: number, state: Exclude<OfferState, 'open'>, operatorId?: number): Promise<void>;
  /** All that are open, when the transaction commits: the chat has ended. */
  endLater(chatId: number): void;
  /** Written down as offered and declined at once, or as an offer that the operator let expire. */
  refuse(chat: Chat, operatorId: number, as?: 'declined' | 'expired'): Promise<void>;
  /** Written down as offered and accepted at once. */
  given(chat: Chat, operatorId: number): Promise<void>;
  /** How many chats of the department wait that came before this one. */
  ahead(chat: Chat): Promise<number>;
  /** Chats of a department that wait. */
  waiting(departmentId: number): Promise<number>;
  /** Who had the visitor's chat before this one. */
  lastOperators(chatIds: readonly number[]): Promise<Map<number, number>>;
  /** What the dispatcher has to look at. */
  due(department: Department): Promise<DueChats>;
  /** Locks those of these chats that nobody else has locked. */
  lockFree(chatIds: readonly number[]): Promise<Chat[]>;
  /** Waiting chats whose place is another than their visitors were told; at most `limit`, in order. */
  displaced(departmentId: number, limit: number): Promise<{ chatId: number; position: number }[]>;
  /** Seconds from accepted to closed of the department's last chats; null when there was none. */
  handlingSeconds(departmentId: number): Promise<number | null>;
  /** The operator's last chat has just ended. */
  markIdle(operatorId: number): void;
  /** Chats without owner of these departments, in their order; not locked. */
  unowned(departmentIds: readonly number[], limit: number): Promise<Chat[]>;
  /** Those of an instance who may answer. */
  operators(instanceId: number): Promise<Operator[]>;
  departments(instanceId: number): Promise<Department[]>;
  /** How many the visitor had before this one. */
  earlierChats(chat: Chat): Promise<number>;
  chatByNumber(instanceId: number, number: number): Promise<number | undefined>;
}

/** An operator as far as giving chats is concerned. */
export interface Candidate {
  readonly operator: Operator;
  /** In the department that it is asked by. */
  readonly priority: number;
  readonly show: Show;
  /** Active chats that it owns. */
  readonly load: number;
  /** Open offers that take up room. */
  readonly asked: number;
  /** Open offers beside those. */
  readonly shown: number;
  /** When its last chat ended; null: it had none. */
  readonly idleSince: Date | null;
  /** The higher, the later it was last asked; 0: never. */
  readonly lastAsked: number;
}

export interface Refusal {
  readonly chatId: number;
  readonly operatorId: number;
  readonly state: 'declined' | 'expired';
  readonly at: Date;
}

/** Ids; everything is looked at again under the locks. */
export interface DueChats {
  /** Without owner, oldest first; bounded. */
  waiting: number[];
  offered: number[];
  /** Those that have waited so long that they go to the overflow department. */
  overflowing: number[];
  /** Active ones whose owner has been offline for longer than the grace. */
  orphaned: number[];
  /** With an offer whose time is over. */
  expired: number[];
}
