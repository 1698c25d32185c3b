import type { Account } from '../accounts/account.js';
import type { Countable, Instance } from './instance.js';

/** An instance as whoever hosts it sees it. */
export interface InstanceView {
  instance: Instance;
  displayName: string;
  createdAt: Date;
  /** Since when it is suspended, or what follows; null: it never was. */
  stateSince: Date | null;
  /** All that its state asks for is done. */
  settled: boolean;
  retentionDays: number | null;
  /** What its limits count. */
  usage: Record<Countable, number>;
}

/** One row of what an instance has. Never a secret. */
export interface ExportedRow {
  table: string;
  row: Record<string, unknown>;
}

/** What hosting asks of the storage beside transactions. All bounded. */
export interface HostingStore {
  /** By name; behind `after`. Those that are destroyed aren't among them. */
  list(after: string | undefined, limit: number): Promise<InstanceView[]>;
  /** Also when it is destroyed. */
  view(name: string): Promise<InstanceView | undefined>;
  /** Those that have work left, with the seconds since their state changed. */
  unsettled(): Promise<{ instance: Instance; seconds: number }[]>;
  openChats(instanceId: number, limit: number): Promise<{ id: number; visitorId: number }[]>;
  onlineVisitors(instanceId: number, limit: number): Promise<number[]>;
  /** Of operators who could log in. */
  openAccounts(instanceId: number, limit: number): Promise<Account[]>;
  /** Of operators who can't. */
  lockedAccounts(instanceId: number): Promise<Account[]>;
  /** Accounts whose removal isn't in the outbox. */
  accountsToRemove(instanceId: number, limit: number): Promise<Account[]>;
  /** Departments whose chats take place in rooms. */
  roomPools(instanceId: number): Promise<number[]>;
  /** Rooms that are, or will be, on ejabberd. */
  openRooms(instanceId: number, limit: number): Promise<number[]>;
  /** Whether ejabberd is still to be told something. */
  isWaiting(instanceId: number): Promise<boolean>;
  /** Whether ejabberd may still have an account of it. */
  hasAccounts(instanceId: number): Promise<boolean>;
  /**
   * Deletes a bounded number of its rows, those that others belong to last. What stays is its own row and what the audit says of it.
   * @returns how many; 0 when there are no more
   */
  deleteRows(instance: Instance): Promise<number>;
  /** Everything of it, read piece by piece while it is taken. */
  export(instanceId: number): AsyncIterable<ExportedRow>;
}
