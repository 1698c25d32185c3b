import type { Rating } from '../domain/transcripts/annotations.js';
import {
  searchTerms,
  type TranscriptFilter,
  type TranscriptReads,
  type TranscriptView,
} from '../domain/transcripts/transcript.js';
import { CHAT_VIEW, toChatView } from './helpdesk-reads.js';
import { readRows, type Pool, type Row } from './pool.js';
import { readSupervisions } from './supervision-store.js';
import { NOTE_COLUMNS, toNote } from './transcript-store.js';

const RATING_COLUMNS = 'chat_ratings.score, chat_ratings.words, chat_ratings.rated_at';

export function createTranscriptReads(pool: Pool): TranscriptReads {
  return {
    search: (instanceId, filter) => search(pool, instanceId, filter),
    async annotations(chatId) {
      const notes = await readRows(
        pool,
        `SELECT ${NOTE_COLUMNS}
           FROM chat_notes WHERE chat_notes.chat_id = ? ORDER BY chat_notes.id`,
        [chatId],
      );
      const tags = (await readTags(pool, [chatId])).get(chatId) ?? [];
      const supervisions = await readSupervisions(pool, chatId);
      return { tags, rating: await readRating(pool, chatId), notes: notes.map(toNote), supervisions };
    },
    async tags(instanceId, limit) {
      const found = await readRows(
        pool,
        `SELECT chat_tags.tag, COUNT(*) AS chats FROM chat_tags WHERE chat_tags.instance_id = ?
          GROUP BY chat_tags.tag ORDER BY chats DESC, chat_tags.tag LIMIT ?`,
        [instanceId, limit],
      );
      return found.map((row) => ({ tag: row['tag'] as string, chats: Number(row['chats']) }));
    },
  };
}

export async function readRating(pool: Pool, chatId: number): Promise<Rating | null> {
  return (await readRatings(pool, [chatId])).get(chatId) ?? null;
}

async function search(pool: Pool, instanceId: number, filter: TranscriptFilter): Promise<TranscriptView[]> {
  const { joins, conditions, values } = conditionsOf(instanceId, filter);
  const found = await readRows(
    pool,
    `${CHAT_VIEW} ${joins.join(' ')} WHERE ${conditions.join(' AND ')} ORDER BY chats.id DESC LIMIT ?`,
    [...values, filter.limit],
  );
  const ids = found.map((row) => row['id'] as number);
  const [tags, ratings] = await Promise.all([readTags(pool, ids), readRatings(pool, ids)]);
  return found.map((row) => ({
    view: toChatView(row),
    tags: tags.get(row['id'] as number) ?? [],
    rating: ratings.get(row['id'] as number) ?? null,
  }));
}

function conditionsOf(instanceId: number, filter: TranscriptFilter) {
  const joins: string[] = [];
  const conditions = ['chats.instance_id = ?'];
  const values: unknown[] = [instanceId];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('chats.operator_id = ?', filter.operatorId);
  add('chats.department_id = ?', filter.departmentId);
  add('chats.department_id IN (?)', filter.departmentIds);
  add('chats.visitor_id = ?', filter.visitorId);
  add('chats.created_at >= ?', filter.from);
  add('chats.created_at < ?', filter.to);
  add('chats.id < ?', filter.before);
  if (filter.tag !== undefined) {
    joins.push('JOIN chat_tags ON chat_tags.chat_id = chats.id');
    add('chat_tags.tag = ?', filter.tag);
  }
  if (filter.leastScore !== undefined || filter.mostScore !== undefined) {
    joins.push('JOIN chat_ratings ON chat_ratings.chat_id = chats.id');
    add('chat_ratings.score >= ?', filter.leastScore);
    add('chat_ratings.score <= ?', filter.mostScore);
  }
  if (filter.text !== undefined) {
    joins.push('JOIN chat_texts ON chat_texts.chat_id = chats.id');
    const { index, words } = searchTerms(filter.text);
    if (index !== '') add('MATCH (chat_texts.text) AGAINST (? IN BOOLEAN MODE)', index);
    for (const word of words) add('chat_texts.text LIKE ?', `%${word.replace(/[\\%_]/g, '\\$&')}%`);
    if (index === '' && words.length === 0) conditions.push('FALSE');
  }
  return { joins, conditions, values };
}

async function readTags(pool: Pool, chatIds: readonly number[]): Promise<Map<number, string[]>> {
  const tags = new Map<number, string[]>();
  if (chatIds.length === 0) return tags;
  const found = await readRows(
    pool,
    'SELECT chat_tags.chat_id, chat_tags.tag FROM chat_tags WHERE chat_tags.chat_id IN (?) ORDER BY chat_tags.tag',
    [chatIds],
  );
  for (const row of found) {
    const id = row['chat_id'] as number;
    tags.set(id, [...(tags.get(id) ?? []), row['tag'] as string]);
  }
  return tags;
}

async function readRatings(pool: Pool, chatIds: readonly number[]): Promise<Map<number, Rating>> {
  if (chatIds.length === 0) return new Map();
  const found = await readRows(
    pool,
    `SELECT chat_ratings.chat_id, ${RATING_COLUMNS} FROM chat_ratings WHERE chat_ratings.chat_id IN (?)`,
    [chatIds],
  );
  return new Map(found.map((row) => [row['chat_id'] as number, toRating(row)]));
}

function toRating(row: Row): Rating {
  return { score: row['score'], words: row['words'], ratedAt: row['rated_at'] };
}
