import { z } from 'zod';
import type { Chat } from '../../domain/chats/chat.js';
import { formatCursor, type Cursor } from '../../domain/chats/feed.js';
import type { Reads } from '../../domain/reads.js';
import { eventShapes } from '../listening/events.js';
import { followChat, type Shows } from '../listening/follow-chat.js';
import type { Heard } from '../listening/listener.js';
import { chatShape, messageShape, presentChat, presentMessage, type ChatJson, type MessageJson } from './present.js';

/** What a page hears. A visitor without any chat is told of none. */
export const pageEvent = eventShapes('Page', {
  chatId: z.int().nullable(),
  chat: chatShape.nullable(),
  message: messageShape,
});
export type PageEvent = z.infer<typeof pageEvent>;

/**
 * What there is to tell a visitor who stands at `cursor`, and where it stands then. Follows the visitor: when the chat at the cursor is over and another one has
 * begun, it goes on with that one. Without a cursor it tells the chat as it is now.
 */
export async function readEvents(reads: Reads, visitorId: number, cursor: Cursor | null): Promise<Heard<PageEvent>> {
  const shows: Shows<ChatJson, MessageJson> = {
    chat: (chat) => presentChat(reads, chat),
    message: (message) => presentMessage(reads, message),
  };
  const current = await reads.currentChat(visitorId);
  if (cursor === null) return begin(reads, current);
  if (!current) return { events: [], cursor, more: false };
  if (cursor.chatId === current.id) return followChat(reads, current, cursor.number, shows);
  const earlier = cursor.chatId === 0 ? undefined : await reads.chat(current.instanceId, cursor.chatId);
  if (earlier && earlier.visitorId === visitorId && earlier.id < current.id && earlier.feedNumber > cursor.number) {
    return { ...(await followChat(reads, earlier, cursor.number, shows)), more: true };
  }
  return followChat(reads, current, 0, shows);
}

async function begin(reads: Reads, current: Chat | undefined): Promise<Heard<PageEvent>> {
  const cursor = current ? { chatId: current.id, number: current.feedNumber } : { chatId: 0, number: 0 };
  const event: PageEvent = {
    cursor: formatCursor(cursor),
    chat: current?.id ?? null,
    number: cursor.number,
    kind: 'chat',
    at: (current?.createdAt ?? new Date(0)).toISOString(),
    data: { chat: current ? await presentChat(reads, current) : null },
  };
  return { events: [event], cursor, more: false };
}
