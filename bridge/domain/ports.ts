import type { Account, AccountKind, AccountState } from './accounts/account.js';
import type { BanStore } from './bans/ban.js';
import type { Chat } from './chats/chat.js';
import type { FeedEvent } from './chats/feed.js';
import type { ReminderStore } from './chats/remind.js';
import type { DeliveryState, Message, Sender } from './chats/message.js';
import type { DeskPorts } from './desk-ports.js';
import type { Happening } from './happenings.js';
import type { Desk, Instance } from './instances/instance.js';
import type { InstanceStore } from './instances/store.js';
import type { Membership, Operator, OperatorPresence } from './operators/operator.js';
import type { OperatorSessionStore } from './operators/page-session.js';
import type { DeadLetter, DeadLetterStore } from './outbox/dead-letter.js';
import type { MailStore } from './mail/mail-store.js';
import type { MailEntry, OutboxEntry, XmppEntry } from './outbox/entry.js';
import type { Department } from './queue/department.js';
import type { QueueStore } from './queue/store.js';
import type { Scope } from './reads.js';
import type { ReceiptStore } from './receipt-store.js';
import type { RoomStore } from './rooms/store.js';
import type { SupervisionStore } from './supervision/store.js';
import type { TranscriptStore } from './transcripts/transcript-store.js';
import type { VisitorStore } from './visitors/visitor-store.js';

/**
 * What the domain asks of its storage. A transaction is a unit of work: what is locked through it can be changed in place and is written at
 * the commit; messages, feed events and outbox entries are collected and written together. Nothing is visible to others before the commit.
 */
export interface Tx extends DeskPorts {
  /** The bridge's clock when the transaction began: the time of everything in it. */
  readonly now: Date;
  readonly instances: InstanceStore;
  readonly accounts: AccountStore;
  readonly operators: OperatorStore;
  readonly operatorSessions: OperatorSessionStore;
  readonly visitors: VisitorStore;
  readonly chats: ChatStore;
  readonly queue: QueueStore;
  readonly messages: MessageStore;
  readonly rooms: RoomStore;
  readonly feed: { append(chat: Chat, event: FeedEvent): void };
  readonly outbox: Outbox;
  readonly receipts: ReceiptStore;
  readonly desks: DeskStore;
  readonly deadLetters: DeadLetterStore;
  readonly audit: AuditLog;
  readonly apiKeys: ApiKeyStore;
  readonly transcripts: TranscriptStore;
  readonly supervision: SupervisionStore;
  readonly bans: BanStore;
  readonly mail: MailStore;
  readonly reminders: ReminderStore;
  /** A new unique id. */
  newId(): string;
  /** Has the log say this once it commits. */
  report(happening: Happening): void;
}

export interface Transactions {
  /** One transaction for this work alone. It runs again from the start after a deadlock: no effects but through `tx`. */
  alone<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Many items in their order by one transaction. An item that is refused (a `FoyerError`) is taken back alone. When the database refuses the
   * whole, each item gets a transaction of its own, so that one that can't be written doesn't hold up the others.
   */
  batch<I, T>(batch: Batch<I, T>): Promise<T[]>;
  /**
   * The work shares a transaction with others that arrive at the same time, so that one commit serves many. A work that throws takes back what it
   * did, and only that. `needs` names what it will lock and look up, so that all of it is done by one statement in one order.
   */
  shared<T>(needs: Needs, work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** What became of one item of a batch. */
export type Settled<T> = { ok: true; value: T } | { ok: false; error: unknown };

export interface Batch<I, T> {
  items: readonly I[];
  /** Looks up and locks by a few statements what the items will need. */
  prepare: (tx: Tx, items: readonly I[]) => Promise<void>;
  /** One item; what it throws concerns it alone. */
  each: (tx: Tx, item: I) => Promise<T>;
  /** Writes down, in the same transaction, that an item was refused. Must not throw for what the item is. */
  refused: (tx: Tx, item: I, error: unknown) => T | Promise<T>;
}

export interface Needs {
  chats: readonly number[];
  senderKeys?: readonly { chatId: number; senderKey: string }[];
}

/** Departments and desks, as far as a helpdesk changes them. */
export interface DeskStore {
  department(instanceId: number, id: number): Promise<Department | undefined>;
  departmentByName(instanceId: number, name: string): Promise<Department | undefined>;
  /** The oldest. */
  firstDepartment(instanceId: number): Promise<Department | undefined>;
  createDepartment(instanceId: number, name: string): Promise<Department>;
  /** Name and settings. */
  updateDepartment(department: Department): Promise<void>;
  create(desk: Omit<Desk, 'id'>): Promise<Desk>;
  lock(instanceId: number, id: number): Promise<Desk | undefined>;
  update(desk: Desk): Promise<void>;
}

export interface NewAccount {
  instanceId: number;
  kind: AccountKind;
  local: string;
  host: string;
  name: string;
  rosterGroup: string;
  pooled?: boolean;
  /** Made up when absent: 128 random bits. */
  password?: string | undefined;
}

export interface AccountStore {
  create(account: NewAccount): Promise<Account>;
  get(id: number): Promise<Account | undefined>;
  byJid(host: string, local: string): Promise<Account | undefined>;
  /** The service account of a host. */
  service(host: string): Promise<Account | undefined>;
  /** Reads many by one statement; `byJid` then finds them at hand. */
  readByJids(jids: readonly { host: string; local: string }[]): Promise<void>;
  setState(id: number, state: AccountState): void;
  /** Used now: counts for the clean-up of accounts that nobody uses. */
  touch(id: number): void;
  setName(id: number, name: string): void;
  setPassword(id: number, password: string): void;
  /** What the account's session should show; `online: false` ends it. */
  setPresence(id: number, presence: { online: boolean; nick: string; status: string }): void;
}

export interface OperatorStore {
  get(id: number): Promise<Operator | undefined>;
  byAccount(accountId: number): Promise<Operator | undefined>;
  /** Reads many by one statement; `byAccount` then finds them at hand. */
  readByAccounts(accountIds: readonly number[]): Promise<void>;
  /** Operators of a department that are online now, those who are free to chat first. Bounded. */
  online(departmentId: number): Promise<Operator[]>;
  departments(operatorId: number): Promise<number[]>;
  memberships(operatorId: number): Promise<Membership[]>;
  /**
   * Returns what it replaced; a report older than the one stored changes nothing and returns null. `reportedAt` null: nobody reported it, the next report
   * holds whenever it was made.
   */
  setPresence(
    operatorId: number,
    presence: OperatorPresence,
    reportedAt: Date | null,
  ): Promise<{ before: OperatorPresence } | null>;
  /** Logged in at the helpdesk's pages for so many seconds from now; 0: no longer. By the database's clock. */
  setWebPresence(operatorId: number, seconds: number): Promise<void>;
  isInWeb(operatorId: number): Promise<boolean>;
  /** Ids of the operators on this host whom the record has online. */
  onlineIds(host: string): Promise<number[]>;
  create(operator: NewOperator): Promise<Operator>;
  lock(instanceId: number, id: number): Promise<Operator | undefined>;
  /** All but the account and the address. */
  update(operator: Operator): Promise<void>;
  /** In place of those before. */
  setMemberships(operatorId: number, memberships: readonly Membership[]): Promise<void>;
  /** Open chats that this operator owns. */
  openChats(operatorId: number): Promise<number[]>;
}

export type NewOperator = Pick<Operator, 'instanceId' | 'accountId' | 'name' | 'jid' | 'maxChats' | 'approved'>;

export type NewChat = Pick<
  Chat,
  'instanceId' | 'visitorId' | 'accountId' | 'deskId' | 'departmentId' | 'state' | 'initiator' | 'operatorId'
> &
  Partial<Pick<Chat, 'answers'>> & { noContact?: boolean };

export interface ChatStore {
  create(chat: NewChat): Promise<Chat>;
  setOpener(id: number, opener: Buffer): void;
  lock(id: number): Promise<Chat | undefined>;
  /** Locks many by one statement; `lock` then finds them at hand. */
  lockMany(ids: readonly number[]): Promise<void>;
  /** The newest chat that this account stood for. */
  latestOfAccount(accountId: number): Promise<number | undefined>;
  participants(chatId: number): Promise<Participant[]>;
  setParticipant(chatId: number, operatorId: number, role: Participant['role'], sentNumber: number): void;
}

export interface Participant {
  operatorId: number;
  role: 'offered' | 'owner' | 'past';
  sentNumber: number;
}

export interface NewMessage {
  sender: Sender;
  operatorId: number | null;
  authorName?: string | null;
  text: string;
  senderKey: string;
  stanzaId?: string | undefined;
  /** What the archive of the room calls it in which it was said. */
  archiveId?: string | undefined;
  markable?: boolean;
  unstyled?: boolean | undefined;
  /** When it was written; now, when absent. */
  writtenAt?: Date | undefined;
}

export interface MessageStore {
  /** Numbers it, adds it to the record and to the feed. The chat must be locked. */
  append(chat: Chat, message: NewMessage): Message;
  bySenderKeys(chatId: number, senderKeys: readonly string[]): Promise<Message[]>;
  /** Reads many by one statement; `bySenderKeys` then asks no more about them. The chats must be locked. */
  readSenderKeys(keys: readonly { chatId: number; senderKey: string }[]): Promise<void>;
  /** By the client's own id, that of a correction, or the archive's. */
  byStanzaId(chatId: number, operatorId: number, stanzaId: string): Promise<Message | undefined>;
  /** Messages after `after`, ascending, at most `limit`. */
  list(chatId: number, after: number, limit: number): Promise<Message[]>;
  /** How far the sender's messages `from`…`to` have come, ascending. */
  states(chatId: number, from: number, to: number, sender: Sender): Promise<{ number: number; state: DeliveryState }[]>;
  /** Only forward: a message that is further already stays. */
  advance(chatId: number, from: number, to: number, sender: Sender, state: DeliveryState): void;
  /** Replaces the text and keeps the old one. */
  correct(message: Message, words: Pick<Message, 'text' | 'unstyled'>, stanzaId: string | null): Promise<Message>;
  /** Takes the words away, those of earlier versions too. */
  erase(message: Message): Message;
  /** The highest of the operator's messages up to `number` whose client wants a displayed marker, after `after`. */
  lastMarkable(chatId: number, after: number, number: number): Promise<Message | undefined>;
}

export interface Outbox {
  /** Into the lane of this account. `instanceId`: whom the entry is about, which for the service account may be any. */
  toAccount(account: { id: number; instanceId: number }, entry: XmppEntry): void;
  /** Into a lane of the instance's helpdesk; nothing is written when the instance has no callback address. */
  toHelpdesk(instance: Instance, lane: string, type: string, data: Record<string, unknown>): void;
  /** Into the lane of what it is about. */
  toMail(instanceId: number, mail: MailEntry): void;
  /** At the end of the lane that it was in. */
  again(letter: DeadLetter): void;
}

export interface ApiKeyStore {
  /** @returns the key's id */
  create(key: NewApiKey): Promise<number>;
  /** @returns whether there was such a key that still held */
  revoke(instanceId: number, id: number): Promise<boolean>;
}

export interface NewApiKey {
  instanceId: number;
  /** What a person calls it. */
  name: string;
  /** Its first characters, so that a person can tell which one it is. */
  prefix: string;
  hash: Buffer;
  scopes: readonly Scope[];
  /** Null: until it is revoked. */
  expiresAt: Date | null;
}

/** What people and helpdesks changed. Never holds a secret. */
export interface AuditLog {
  add(line: {
    instanceId: number;
    actor: string;
    action: string;
    subject: string;
    details?: Record<string, unknown>;
  }): void;
}

export type { OutboxEntry };
