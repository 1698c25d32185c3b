import { FoyerError } from '../../shared/errors.js';
import { cleanLine, cleanText } from '../../shared/text.js';
import { isOpen, type Chat } from '../chats/chat.js';
import { chatLane, operatorRef } from '../helpdesk-events.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';

/** What people add to a chat's record: tags, notes that the visitor never sees, the visitor's rating. */

/** What an operator or a helpdesk keeps beside the talk. */
export interface Note {
  readonly id: number;
  readonly operatorId: number | null;
  readonly author: string;
  /** `whisper`: it was said to those who had to do with the chat, while it went on. */
  readonly kind: 'note' | 'whisper';
  readonly text: string;
  /** Id of the whisper in whose place this one is. */
  readonly corrects: number | null;
  readonly createdAt: Date;
}

/** What makes a note a whisper. */
export interface WhisperMark {
  readonly senderKey: string;
  /** Of the author's client; empty when it gave none. */
  readonly stanzaId: string;
  readonly corrects: number | null;
}

/** What the visitor thought of the chat. */
export interface Rating {
  /** 1 (bad) to 5 (good). */
  readonly score: number;
  /** May be empty. */
  readonly words: string;
  readonly ratedAt: Date;
}

export const TAGS_AT_MOST = 30;
/** Characters. */
export const TAG_LENGTH = 60;
/** Characters. */
export const NOTE_LENGTH = 10_000;
export const NOTES_AT_MOST = 200;
/** Characters. */
export const RATING_WORDS_LENGTH = 2_000;

/** A tag as it is kept: one line in lower case, so that the same word is the same tag however it is typed. Empty when nothing is left. */
export function normalTag(text: string): string {
  return cleanLine(text).replace(/^#+/, '').trim().toLowerCase();
}

/**
 * The chat has these tags and no others. It must be locked.
 * @throws FoyerError `invalid_request` when there are more than `TAGS_AT_MOST`
 */
export async function setTags(tx: Tx, chat: Chat, tags: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(tags.map(normalTag).filter((tag) => tag !== ''))].sort();
  if (wanted.length > TAGS_AT_MOST)
    throw new FoyerError('invalid_request', `A chat has ${TAGS_AT_MOST} tags at most.`, { limit: TAGS_AT_MOST });
  const before = await tx.transcripts.tags(chat.id);
  if (before.join('\n') === wanted.join('\n')) return wanted;
  tx.transcripts.setTags(chat, wanted);
  await tell(tx, chat, 'chat.tagged', { tags: wanted });
  return wanted;
}

/**
 * A note stands in the record and is told to the helpdesk, never to the visitor. The chat must be locked.
 * @param author an operator, or the name of somebody in the helpdesk's pages
 * @param whisper null: it is no whisper
 * @throws FoyerError `conflict` when the chat has `NOTES_AT_MOST` notes
 */
export async function addNote(
  tx: Tx,
  chat: Chat,
  author: Operator | string,
  text: string,
  whisper: WhisperMark | null = null,
): Promise<Note> {
  if ((await tx.transcripts.countNotes(chat.id, whisper ? 'whisper' : 'note')) >= NOTES_AT_MOST)
    throw new FoyerError('conflict', `A chat has ${NOTES_AT_MOST} notes at most.`, { limit: NOTES_AT_MOST });
  const operator = typeof author === 'string' ? null : author;
  const note = await tx.transcripts.addNote(chat, {
    operatorId: operator?.id ?? null,
    author: typeof author === 'string' ? author : author.name,
    ...{ text: cleanText(text), whisper },
  });
  await tell(tx, chat, 'chat.noted', {
    note: {
      ...{ id: note.id, kind: note.kind, corrects: note.corrects, text: note.text },
      ...{ author: note.author, operator: operator && operatorRef(operator) },
      created_at: note.createdAt.toISOString(),
    },
  });
  return note;
}

/**
 * The visitor's rating; the newest one counts. The chat must be locked.
 * @param score 1 to 5
 * @throws FoyerError `conflict` while the chat goes on
 */
export async function rateChat(tx: Tx, chat: Chat, score: number, words: string): Promise<void> {
  if (isOpen(chat)) throw new FoyerError('conflict', 'A chat is rated when it is over.');
  const rating: Rating = { score, words: cleanText(words).trim(), ratedAt: tx.now };
  tx.transcripts.rate(chat, rating);
  tx.feed.append(chat, { kind: 'chat' });
  await tell(tx, chat, 'chat.rated', {
    rating: { score: rating.score, words: rating.words, rated_at: rating.ratedAt.toISOString() },
  });
}

async function tell(tx: Tx, chat: Chat, type: string, data: Record<string, unknown>): Promise<void> {
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl === null) return;
  tx.outbox.toHelpdesk(instance, chatLane(chat), type, {
    chat: { id: chat.id, number: chat.number, state: chat.state },
    ...data,
  });
}
