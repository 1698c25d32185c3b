import { formatCursor, type Cursor, type NumberedFeedEvent } from '../../domain/chats/feed.js';
import type { Chat } from '../../domain/chats/chat.js';
import type { Reads } from '../../domain/reads.js';
import { assertNever } from '../../shared/assert-never.js';
import { presentChat, presentMessage } from './present.js';

/** What a page hears. */
export interface PageEvent {
  cursor: string;
  chat: number | null;
  number: number;
  kind: 'chat' | 'message' | 'message_updated' | 'states' | 'typing' | 'reset';
  at: string;
  data: Record<string, unknown>;
}

/** What one look brought. */
interface Heard {
  events: PageEvent[];
  /** Where the listener stands then. */
  cursor: Cursor;
  /** Another look brings more at once. */
  more: boolean;
}

/** Events of one answer or of one turn of a stream. */
const AT_ONCE = 200;
/** A listener that is further behind reads the chat anew, which is cheaper. */
const TOO_FAR_BEHIND = 5_000;

/**
 * What there is to tell a visitor who stands at `cursor`, and where it stands then. Follows the visitor: when the chat at the cursor is over and another one has
 * begun, it goes on with that one. Without a cursor it tells the chat as it is now.
 */
export async function readEvents(reads: Reads, visitorId: number, cursor: Cursor | null): Promise<Heard> {
  const current = await reads.currentChat(visitorId);
  if (cursor === null) return begin(reads, current);
  if (!current) return { events: [], cursor, more: false };
  if (cursor.chatId === current.id) return follow(reads, current, cursor);
  const earlier = cursor.chatId === 0 ? undefined : await reads.chat(current.instanceId, cursor.chatId);
  if (earlier && earlier.visitorId === visitorId && earlier.id < current.id && earlier.feedNumber > cursor.number) {
    return { ...(await follow(reads, earlier, cursor)), more: true };
  }
  return follow(reads, current, { chatId: current.id, number: 0 });
}

async function begin(reads: Reads, current: Chat | undefined): Promise<Heard> {
  const cursor = current ? { chatId: current.id, number: current.feedNumber } : { chatId: 0, number: 0 };
  const data = { chat: current ? await presentChat(reads, current) : null };
  const at = (current?.createdAt ?? new Date(0)).toISOString();
  return {
    events: [
      { cursor: formatCursor(cursor), chat: current?.id ?? null, number: cursor.number, kind: 'chat', at, data },
    ],
    cursor,
    more: false,
  };
}

async function follow(reads: Reads, chat: Chat, cursor: Cursor): Promise<Heard> {
  if (chat.feedNumber < cursor.number) return reset(chat);
  if (chat.feedNumber === cursor.number) return { events: [], cursor, more: false };
  if (chat.feedNumber - cursor.number > TOO_FAR_BEHIND) return reset(chat);
  const feed = await reads.feed(chat.id, cursor.number, AT_ONCE);
  const [first] = feed;
  // Old events are cleaned away after a while; whoever still needs them begins anew.
  if (first === undefined || first.number !== cursor.number + 1) return reset(chat);
  const numbers = feed.flatMap(({ event }) => ('message' in event ? [event.message] : []));
  const messages = new Map(
    (await reads.messagesByNumber(chat.id, numbers)).map((message) => [message.number, message]),
  );
  const events: PageEvent[] = [];
  for (const one of feed) {
    const data = await dataOf(reads, chat, one, async (number) => {
      const message = messages.get(number);
      return message ? presentMessage(reads, message) : null;
    });
    const at = formatCursor({ chatId: chat.id, number: one.number });
    events.push({
      cursor: at,
      chat: chat.id,
      number: one.number,
      kind: one.event.kind,
      at: one.at.toISOString(),
      data,
    });
  }
  const number = feed.at(-1)?.number ?? cursor.number;
  return { events, cursor: { chatId: chat.id, number }, more: number < chat.feedNumber };
}

async function dataOf(
  reads: Reads,
  chat: Chat,
  { event }: NumberedFeedEvent,
  message: (number: number) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  switch (event.kind) {
    case 'chat':
      return { chat: await presentChat(reads, chat) };
    case 'message':
    case 'message_updated':
      return { message: await message(event.message) };
    case 'states':
      return { states: [{ from: event.from, to: event.to, state: event.state }] };
    case 'typing':
      return { typing: event.typing, name: event.name };
    default:
      return assertNever(event);
  }
}

function reset(chat: Chat): Heard {
  const cursor = { chatId: chat.id, number: chat.feedNumber };
  const event: PageEvent = {
    cursor: formatCursor(cursor),
    chat: chat.id,
    number: cursor.number,
    kind: 'reset',
    at: chat.createdAt.toISOString(),
    data: {},
  };
  return { events: [event], cursor, more: false };
}
