import type { Client } from './bans/ban.js';
import type { Chat } from './chats/chat.js';
import type { NumberedFeedEvent } from './chats/feed.js';
import type { Message } from './chats/message.js';
import type { Desk, Instance } from './instances/instance.js';
import type { Operator, OperatorPresence } from './operators/operator.js';
import type { Reach } from './supervision/supervised-by.js';
import type { Rating } from './transcripts/annotations.js';
import type { Visitor } from './visitors/visitor.js';

/** Reading without a transaction, for what pages and helpdesks are shown. Rules never build on these. */
export interface Reads {
  instanceByName(name: string): Promise<Instance | undefined>;
  desks(instanceId: number): Promise<Desk[]>;
  desk(id: number): Promise<Desk | undefined>;
  deskByKey(instanceId: number, key: string): Promise<Desk | undefined>;
  /** Origins that any desk lets in: what a preflight can be answered from. */
  allOrigins(): Promise<ReadonlySet<string>>;
  visitor(id: number): Promise<Visitor | undefined>;
  visitorByExternalId(instanceId: number, externalId: string): Promise<Visitor | undefined>;
  chat(instanceId: number, id: number): Promise<Chat | undefined>;
  /** The chat that a page shows: the open one, else the last one. */
  currentChat(visitorId: number): Promise<Chat | undefined>;
  /** How many open chats were begun by this opener. */
  openChatsOf(opener: Buffer): Promise<number>;
  messages(chatId: number, after: number, limit: number): Promise<Message[]>;
  messagesByNumber(chatId: number, numbers: readonly number[]): Promise<Message[]>;
  feed(chatId: number, after: number, limit: number): Promise<NumberedFeedEvent[]>;
  operator(id: number): Promise<Operator | undefined>;
  /** Whether the owner asks to see what is being typed, and the desk allows it. As of now: pages ask when one of both has changed. */
  wantsPreview(chat: Chat): Promise<boolean>;
  operators(
    instanceId: number,
  ): Promise<{ operator: Operator; presence: OperatorPresence | null; departments: string[] }[]>;
  /** Whether this visitor may not speak or listen any more, at any desk; may be a second old. */
  banned(instanceId: number, visitorId: number, client: Client): Promise<boolean>;
  /** Whether the visitor of this chat is banned itself where the chat was. */
  visitorBanned(chat: Chat): Promise<boolean>;
  rating(chatId: number): Promise<Rating | null>;
  /** Earlier texts of corrected messages, oldest first. */
  versions(chatId: number): Promise<{ number: number; text: string; replacedAt: Date }[]>;
}

export interface ChatFilter {
  ids?: readonly number[] | undefined;
  states?: readonly string[] | undefined;
  visitorId?: number | undefined;
  /** Chats with a lower id: the next page of a list that is newest first. */
  before?: number | undefined;
  limit: number;
}

/** Who a visitor token belongs to. */
export interface VisitorCredential {
  visitorId: number;
  instanceId: number;
  /** Null: a guest's. */
  member: MemberCredential | null;
  /** Nobody of the instance comes in. */
  suspended: boolean;
  /** Of all visitors of the instance; null: as many as come. */
  messagesPerMinute: number | null;
}

/** Of a member's token. */
export interface MemberCredential {
  tokenHash: Buffer;
  /** The site's own id of the person. */
  externalId: string;
  /** As the site said last. */
  groups: readonly string[];
  /** The token holds only together with the site's own session. */
  bySession: boolean;
}

/** What an API key may do. */
export interface KeyCredential {
  keyId: number;
  /** 0: of none, for hosting. */
  instanceId: number;
  suspended: boolean;
  /** Of the instance; null: as many as come. */
  messagesPerMinute: number | null;
  requestsPerMinute: number | null;
  scopes: ReadonlySet<Scope>;
  /** Who is signed in to the supervisors' page, in the place of a key; `keyId` is 0 then. */
  supervisor?: Supervisor;
}

export const SCOPES = ['visitors', 'chats', 'operators', 'desks', 'outbox'] as const;
/** Of keys that belong to no instance: making, changing and removing them. No other scope goes with it. */
export const HOSTING = 'hosting';
/** Each a group of helpdesk calls: reading and changing. */
export type Scope = (typeof SCOPES)[number] | typeof HOSTING;

export const ALL_SCOPES: readonly Scope[] = [...SCOPES, HOSTING];

export interface Credentials {
  /** Null when the token is unknown, expired or revoked. */
  visitor(token: string): Promise<VisitorCredential | null>;
  apiKey(key: string): Promise<KeyCredential | null>;
}

/** Whose session of the operators' page it is. */
export interface PageOperator {
  operatorId: number;
  instanceId: number;
  name: string;
  /** Bare JID. */
  jid: string;
  language: string;
}

/** Somebody who is signed in to the supervisors' page. */
export interface Supervisor extends PageOperator {
  /** Hash of the session's secret. */
  session: Buffer;
  /** At least one department. */
  reach: Reach;
}

export interface PageSessions {
  /** Null when the session is unknown or over, or the operator disabled. */
  operator(secret: string): Promise<PageOperator | null>;
  /** Of each of these sessions, by their hashes: null when it is unknown or over, or the operator disabled or without a department to supervise. */
  supervisors(sessions: readonly Buffer[]): Promise<(Supervisor | null)[]>;
}

/** Tells those who listen for a visitor that there may be something to read. */
export interface Wake {
  /** @returns ends the subscription. Subscribe before reading, or what commits between the two is missed. */
  subscribe(visitorId: number, wake: () => void): () => void;
  /**
   * For those who listen with the visitor's token.
   * @param revoked called, perhaps more than once, when the token holds no longer
   */
  subscribeRevoked(visitorId: number, revoked: () => void): () => void;
}
