import type { Chat } from '../chats/chat.js';
import type { Note, Rating, WhisperMark } from './annotations.js';

/** What stands beside the messages in a chat's record. The chat must be locked for every change. */
export interface TranscriptStore {
  /** In alphabetical order. */
  tags(chatId: number): Promise<string[]>;
  setTags(chat: Chat, tags: readonly string[]): void;
  /** Bare JIDs of the operators who were shown any of these chats. */
  operators(chatIds: readonly number[]): Promise<string[]>;
  countNotes(chatId: number, kind: Note['kind']): Promise<number>;
  addNote(
    chat: Chat,
    note: Pick<Note, 'operatorId' | 'author' | 'text'> & { whisper: WhisperMark | null },
  ): Promise<Note>;
  whisperByKey(chatId: number, senderKey: string): Promise<Note | undefined>;
  /** The whisper that the author's client sent under this stanza id, or the first one of those that stand for each other. @returns its id */
  whisperById(chatId: number, operatorId: number, stanzaId: string): Promise<number | undefined>;
  /** Takes its words away, and those in whose place they were. */
  eraseWhisper(id: number): Promise<void>;
  rate(chat: Chat, rating: Rating): void;
  /** The chat is over: its words can be searched from now on. */
  keepText(chat: Chat): void;
}
