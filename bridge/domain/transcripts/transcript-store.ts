import type { Chat } from '../chats/chat.js';
import type { Note, Rating } from './annotations.js';

/** What stands beside the messages in a chat's record. The chat must be locked for every change. */
export interface TranscriptStore {
  /** In alphabetical order. */
  tags(chatId: number): Promise<string[]>;
  setTags(chat: Chat, tags: readonly string[]): void;
  /** Bare JIDs of the operators who were shown any of these chats. */
  operators(chatIds: readonly number[]): Promise<string[]>;
  countNotes(chatId: number): Promise<number>;
  addNote(chat: Chat, note: Pick<Note, 'operatorId' | 'author' | 'text'>): Promise<Note>;
  rate(chat: Chat, rating: Rating): void;
  /** The chat is over: its words can be searched from now on. */
  keepText(chat: Chat): void;
}
