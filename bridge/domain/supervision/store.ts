import type { Chat } from '../chats/chat.js';

/** What the rules of supervision ask of their storage. The chat must be locked for every change. */
export interface SupervisionStore {
  /** Chats that aren't over, of these departments: those that somebody has first, the oldest in front; not locked. */
  liveChats(departmentIds: readonly number[], limit: number): Promise<Chat[]>;
  /** Ids of the operators who watch a chat now, in the order in which they began. */
  watchers(chatId: number): Promise<number[]>;
  /** Ids of the chats that an operator watches now. */
  watchedBy(operatorId: number): Promise<number[]>;
  /** @param told whether the owner is told */
  begin(chat: Chat, operatorId: number, told: boolean): Promise<void>;
  end(chatId: number, operatorId: number): Promise<void>;
  /** Nobody watches a chat any more that is over. */
  endAll(chatId: number): void;
  /** Whether a client of the watcher is in the room; how long none is counts by the database's clock. */
  setPresent(chatId: number, operatorId: number, present: boolean): Promise<void>;
  addTakeover(chat: Chat, operatorId: number): Promise<void>;
  /** Who took the chat over last, if that was less than so many seconds ago. */
  takenOverBy(chatId: number, seconds: number): Promise<number | undefined>;
  /**
   * Watches that are over: for longer than the department's grace no client was in the room, the operator may no longer watch there, or the chat has ended. At most
   * `limit`.
   * @param chatId of this chat; null: of all
   */
  overdue(limit: number, chatId: number | null): Promise<{ chatId: number; operatorId: number }[]>;
}

/** A supervision as the record has it. */
export interface Supervision {
  readonly kind: 'watch' | 'takeover';
  readonly operatorId: number;
  readonly operatorName: string;
  /** Whether the owner was told. */
  readonly told: boolean;
  readonly beganAt: Date;
  /** Null of one that goes on. */
  readonly endedAt: Date | null;
}
