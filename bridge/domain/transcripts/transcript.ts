import type { Message } from '../chats/message.js';
import type { ChatView } from '../helpdesk-reads.js';
import type { Supervision } from '../supervision/store.js';
import type { Note, Rating } from './annotations.js';

/** A chat as it stands in the record, without its messages. */
export interface TranscriptView {
  view: ChatView;
  tags: string[];
  rating: Rating | null;
}

/** All that is left of a chat. */
export interface Transcript extends TranscriptView {
  notes: Note[];
  supervisions: Supervision[];
  messages: Message[];
}

/** Chats that match all that is given. Newest first; the words are looked for in chats that are over. */
export interface TranscriptFilter {
  /** Each of its words must occur; a word of three letters or more also as the beginning of a longer one. */
  text?: string | undefined;
  operatorId?: number | undefined;
  departmentId?: number | undefined;
  /** Of these departments alone. */
  departmentIds?: readonly number[] | undefined;
  visitorId?: number | undefined;
  /** Begun at this time or later. */
  from?: Date | undefined;
  /** Begun before. */
  to?: Date | undefined;
  tag?: string | undefined;
  leastScore?: number | undefined;
  mostScore?: number | undefined;
  /** Chats with a lower id: the next page. */
  before?: number | undefined;
  limit: number;
}

/** Reads the record; rules never build on it. */
export interface TranscriptReads {
  search(instanceId: number, filter: TranscriptFilter): Promise<TranscriptView[]>;
  /** All but the messages. */
  annotations(
    chatId: number,
  ): Promise<{ tags: string[]; rating: Rating | null; notes: Note[]; supervisions: Supervision[] }>;
  /** Every tag in use, with the number of its chats, most used first. */
  tags(instanceId: number, limit: number): Promise<{ tag: string; chats: number }[]>;
}

const WORD = /[\p{L}\p{N}_]+/gu;
/** InnoDB keeps no shorter ones, nor these: MariaDB's and MySQL's own list. */
const INDEXED_LENGTH = 3;
const NOT_INDEXED = new Set(
  (
    'a about an are as at be by com de en for from how i in is it la of on or that the this to was what when where ' +
    'who will with und www'
  ).split(' '),
);
/** Scripts that put no spaces between words: the index knows whole sentences only. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** How a text is looked for: by the index where it can, and each word by itself where it can't. */
export function searchTerms(text: string): { index: string; words: string[] } {
  const words = [...new Set(text.toLowerCase().match(WORD) ?? [])].slice(0, 20);
  const indexed = words.filter((word) => isIndexed(word));
  return {
    index: indexed.map((word) => `+${word}*`).join(' '),
    words: words.filter((word) => !indexed.includes(word)),
  };
}

/** The index keeps words of 3 to 84 characters. */
function isIndexed(word: string): boolean {
  const { length } = [...word];
  return length >= INDEXED_LENGTH && length <= 80 && !NOT_INDEXED.has(word) && !UNSPACED.test(word);
}
