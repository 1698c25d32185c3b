import type { AccountState } from './accounts/account.js';
import type { BanFilter, BanView } from './bans/ban.js';
import type { CannedReply } from './canned-replies/canned-reply.js';
import type { Chat } from './chats/chat.js';
import type { Desk } from './instances/instance.js';
import type { Membership, Operator, OperatorPresence } from './operators/operator.js';
import type { OfflineMessage } from './offline/offline-message.js';
import type { DeadLetter } from './outbox/dead-letter.js';
import type { Target } from './outbox/lane.js';
import type { Department } from './queue/department.js';
import type { ChatFilter } from './reads.js';
import type { RejectedEvent } from './rejected-event.js';
import type { Visitor } from './visitors/visitor.js';

/**
 * The lists that a helpdesk is shown. Always as the database has them now: whoever changed something finds the change.
 */
export interface HelpdeskReads {
  chats(instanceId: number, filter: ChatFilter): Promise<ChatView[]>;
  chat(instanceId: number, id: number): Promise<ChatView | undefined>;
  /** Newest first. */
  visitors(instanceId: number, filter: VisitorFilter): Promise<VisitorView[]>;
  /** Operators who were shown the chat. */
  asked(chatId: number): Promise<Operator[]>;
  /** Operators of a department who are online now, those who would be asked first in front. */
  online(departmentId: number): Promise<Operator[]>;
  operators(instanceId: number): Promise<OperatorView[]>;
  operator(instanceId: number, id: number): Promise<OperatorView | undefined>;
  departments(instanceId: number): Promise<DepartmentView[]>;
  desks(instanceId: number): Promise<Desk[]>;
  /** Of many accounts by one statement. */
  accountStates(ids: readonly number[]): Promise<Map<number, AccountState>>;
  lanes(instanceId: number, limit: number): Promise<LaneView[]>;
  /** Newest first. */
  deadLetters(instanceId: number, before: number | undefined, limit: number): Promise<DeadLetter[]>;
  /** Newest first; behind the one of the id `before`. */
  rejectedEvents(instanceId: number, before: string | undefined, limit: number): Promise<RejectedEvent[]>;
  /** Those that hold, newest first. */
  bans(instanceId: number, filter: BanFilter): Promise<BanView[]>;
  /** In the order of their names. */
  cannedReplies(instanceId: number): Promise<CannedReply[]>;
  callback(instanceId: number): Promise<{ url: string | null; secrets: number }>;
  /** Newest first. */
  offlineMessages(instanceId: number, filter: OfflineMessageFilter): Promise<OfflineMessageView[]>;
}

export interface OfflineMessageFilter {
  departmentId?: number | undefined;
  /** Only those that are done, or aren't. */
  done?: boolean | undefined;
  /** Messages with a lower id: the next page. */
  before?: number | undefined;
  limit: number;
}

/** What a visitor left, with what stands around it. */
export interface OfflineMessageView {
  message: OfflineMessage;
  visitor: { externalId: string | null; nick: string | null };
  deskKey: string | null;
  departmentName: string | null;
}

export interface DepartmentView {
  department: Department;
  operatorIds: number[];
}

/** A chat with what stands around it. */
export interface ChatView {
  chat: Chat;
  visitor: {
    id: number;
    externalId: string | null;
    verified: boolean;
    nick: string | null;
    email: string | null;
    language: string | null;
    online: boolean;
  };
  account: { jid: string; state: AccountState };
  deskKey: string | null;
  department: { id: number; name: string } | null;
  operator: Operator | null;
  /** Who watches it now. */
  watchers: { id: number; name: string }[];
  lastMessageAt: Date | null;
}

export interface VisitorFilter {
  id?: number | undefined;
  /** The helpdesk's own id. */
  externalId?: string | undefined;
  online?: boolean | undefined;
  /** Visitors with a lower id: the next page. */
  before?: number | undefined;
  limit: number;
}

/** A visitor with what stands around it. */
export interface VisitorView {
  visitor: Visitor;
  deskKey: string | null;
  /** Null before the visitor was on any contact list. */
  account: { jid: string; state: AccountState } | null;
  /** The chat that is open. */
  chat: ChatView | null;
}

export interface MembershipView extends Omit<Membership, 'departmentId'> {
  id: number;
  name: string;
}

export interface OperatorView {
  operator: Operator;
  accountState: AccountState;
  presence: OperatorPresence | null;
  departments: MembershipView[];
  /** Logged in at the helpdesk's pages. */
  inWeb: boolean;
  /** Open chats that are this operator's. */
  openChats: number;
}

/** Entries that wait for one receiver. */
export interface LaneView {
  name: string;
  target: Target;
  accountJid: string | null;
  depth: number;
  attempts: number;
  lastError: string | null;
  /** When it is tried next; null while it is being served. */
  nextAt: Date | null;
  oldestAt: Date;
}
