import type { Account } from './accounts/account.js';
import type { Silence } from './chats/remind.js';
import type { Department } from './queue/department.js';

/**
 * Rows that are of no use after a while: feed events of chats that are over, receipts of requests and of events, rejected events, who
 * asked for mails, who was reminded, rows of helpdesk and mail lanes that are empty (whatever their age), bans, links and sessions of the operators' page that are over.
 */
export type Leftover =
  'feed' | 'receipts' | 'rejected' | 'mails' | 'reminders' | 'lanes' | 'sessions' | 'bans' | 'occupants';

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
  /** Chats in which somebody is to be reminded, or whose owner doesn't answer all the same. */
  silences(limit: number): Promise<Silence[]>;
  /** Operators marked online whom mod_foyer hasn't confirmed for so long. */
  stalePresence(seconds: number, limit: number): Promise<number[]>;
  /** Those whose chats wait, are offered, or are held by operators who are gone; of these instances or of all. */
  busyDepartments(instanceIds?: readonly number[]): Promise<Department[]>;
  /** Ids of visitors whose time is over and who are still marked online. */
  timedOutVisitors(limit: number): Promise<number[]>;
  /** Visitors who weren't there for so many days, or as many as their instance says, who aren't forgotten yet and have no open chat. */
  oldVisitors(days: number | null, limit: number): Promise<{ id: number; instanceId: number }[]>;
  /** Accounts of pools whose time is over. */
  endedLeases(limit: number): Promise<{ leaseId: number; visitorId: number; accountId: number }[]>;
  /** Chats that wait for an account where one is free, oldest first. */
  chatsWithoutContact(limit: number): Promise<{ chatId: number; visitorId: number }[]>;
  /** Deletes what is left over of this kind and older than so many days. @returns how many */
  purge(what: Leftover, days: number): Promise<number>;
  /** How many `purge` would delete. */
  leftOver(what: Leftover, days: number): Promise<number>;
}
