import type { Account } from './accounts/account.js';

/** What cron looks for and cleans away. All bounded, by the database's clock. */
export interface Upkeep {
  /** Visitors' and chats' accounts that nobody used for so many days, and that have no open chat. */
  expiredAccounts(days: number, limit: number): Promise<Account[]>;
  /** Operators marked online whom mod_foyer hasn't confirmed for so long. */
  stalePresence(seconds: number, limit: number): Promise<number[]>;
  /** Feed events older than so many days, of chats that are over. @returns how many */
  purgeFeed(days: number): Promise<number>;
  purgeReceipts(days: number): Promise<number>;
  purgeRejected(days: number): Promise<number>;
  /** Rows of helpdesk lanes that are empty. */
  purgeLanes(): Promise<number>;
}
