import type { Account } from './accounts/account.js';

/** A chat as it was when it was found. */
export interface IdleChat {
  id: number;
  visitorId: number;
  lastNumber: number;
}

/** What cron looks for and cleans away. All bounded, by the database's clock. */
export interface Upkeep {
  /** Visitors' and chats' accounts that nobody used for so many days, and that have no open chat. */
  expiredAccounts(days: number, limit: number): Promise<Account[]>;
  /** Open chats in which nobody wrote for so many hours, and whose visitor is offline or that a helpdesk began. */
  idleChats(hours: number, limit: number): Promise<IdleChat[]>;
  /** Operators marked online whom mod_foyer hasn't confirmed for so long. */
  stalePresence(seconds: number, limit: number): Promise<number[]>;
  /** Feed events older than so many days, of chats that are over. @returns how many */
  purgeFeed(days: number): Promise<number>;
  purgeReceipts(days: number): Promise<number>;
  purgeRejected(days: number): Promise<number>;
  /** Rows of helpdesk lanes that are empty. */
  purgeLanes(): Promise<number>;
}
