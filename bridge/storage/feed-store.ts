import type { Chat } from '../domain/chats/chat.js';
import type { FeedEvent, NumberedFeedEvent } from '../domain/chats/feed.js';
import { readRows, type Queryable } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

export function feedStore(work: UnitOfWork): { append(chat: Chat, event: FeedEvent): void } {
  return {
    append(chat, event) {
      chat.feedNumber += 1;
      const { kind, ...data } = event;
      work.pending.feed.push([chat.id, chat.feedNumber, kind, JSON.stringify(data), work.now]);
      work.pending.woken.push(chat.visitorId);
    },
  };
}

/** Events of a chat after `after`, ascending, at most `limit`. */
export async function readFeed(
  db: Queryable,
  chatId: number,
  after: number,
  limit: number,
): Promise<NumberedFeedEvent[]> {
  const found = await readRows(
    db,
    'SELECT feed.number, feed.kind, feed.data, feed.created_at FROM feed WHERE feed.chat_id = ? AND feed.number > ? ORDER BY feed.number LIMIT ?',
    [chatId, after, limit],
  );
  return found.map((row) => ({
    chatId,
    number: row['number'],
    at: row['created_at'],
    event: { kind: row['kind'], ...JSON.parse(row['data'] as string) } as FeedEvent,
  }));
}
