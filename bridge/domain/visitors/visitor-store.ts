import type { Chat } from '../chats/chat.js';
import type { Visitor } from './visitor.js';

export interface VisitorStore {
  create(visitor: NewVisitor): Promise<Visitor>;
  lock(id: number): Promise<Visitor | undefined>;
  /** Without a lock: only for what never changes, or to find out what to lock. */
  peek(id: number): Promise<Visitor | undefined>;
  byExternalId(instanceId: number, externalId: string): Promise<Visitor | undefined>;
  byAccount(accountId: number): Promise<Visitor | undefined>;
  /** Reads many by one statement; `byAccount` then finds them at hand. */
  readByAccounts(accountIds: readonly number[]): Promise<void>;
  setToken(id: number, tokenHash: Buffer, days: number): Promise<void>;
  /** Of a guest and of a member's every browser. */
  revokeToken(id: number): void;
  /** For one browser of a member; those of its newest browsers stay. The visitor must be locked. */
  addMemberToken(id: number, tokenHash: Buffer, how: MemberToken): Promise<void>;
  keepMemberToken(tokenHash: Buffer, how: MemberToken): void;
  endMemberToken(tokenHash: Buffer): void;
  /** A keyed digest of where the visitor was last seen. */
  setAddress(id: number, digest: Buffer): void;
  address(id: number): Promise<Buffer | undefined>;
  /** Online for so many seconds from now, by the database's clock. */
  keepOnline(id: number, seconds: number): void;
  /** All that there ever were. */
  chats(id: number): Promise<ChatOfVisitor[]>;
  /**
   * Words, notes, feed, token and what waits in the outbox, of these chats and of the visitor. It must be locked.
   * @param accounts its own, and those of pools that may stand for others now
   */
  eraseRecord(
    visitor: Visitor,
    chats: readonly ChatOfVisitor[],
    accounts: { own: readonly number[]; others: readonly number[] },
  ): Promise<void>;
  /** Visitors whose time is over and who are still marked online; locked, at most `limit`. */
  lockTimedOut(limit: number): Promise<Visitor[]>;
}

/** For how long a member's browser is let in, and whether the site's own session says who it is: then only together with that. */
export interface MemberToken {
  hours: number;
  bySession: boolean;
}

export interface NewVisitor {
  instanceId: number;
  deskId: number | null;
  externalId: string | null;
}

export type ChatOfVisitor = Pick<Chat, 'id' | 'number' | 'instanceId' | 'accountId'>;
