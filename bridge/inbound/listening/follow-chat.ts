import type { Chat } from '../../domain/chats/chat.js';
import { formatCursor, type FeedEvent, type NumberedFeedEvent } from '../../domain/chats/feed.js';
import type { DeliveryState, Message } from '../../domain/chats/message.js';
import type { Redirect } from '../../domain/chats/redirect.js';
import type { Reads } from '../../domain/reads.js';
import { assertNever } from '../../shared/assert-never.js';
import type { Heard } from './listener.js';

/** An event of a chat's feed, with chat and message as the door shows them. */
export type ChatEvent<C, M> = { cursor: string; chat: number; number: number; at: string } & Told<C, M>;

type Told<C, M> =
  | { kind: 'chat'; data: { chat: C } }
  | { kind: 'message' | 'message_updated'; data: { message: M | null } }
  | { kind: 'states'; data: { states: { from: number; to: number; state: DeliveryState }[] } }
  | { kind: 'position'; data: { position: number; wait_seconds: number | null } }
  | { kind: 'typing'; data: { typing: boolean; name: string } }
  | { kind: 'redirect'; data: { redirect: Redirect; chat: C } }
  | { kind: 'reset'; data: Record<string, never> };

/** How a door shows what an event is about. */
export interface Shows<C, M> {
  chat: (chat: Chat) => C | Promise<C>;
  message: (message: Message) => Promise<M>;
}

/** Events of one answer or of one turn of a stream. */
const AT_ONCE = 200;
/** A listener that is further behind reads the chat anew, which is cheaper. */
const TOO_FAR_BEHIND = 5_000;

/** What has happened in the chat since the event `after`. A listener who can't be told it all is told to begin anew. */
export async function followChat<C, M>(
  reads: Reads,
  chat: Chat,
  after: number,
  shows: Shows<C, M>,
): Promise<Heard<ChatEvent<C, M>>> {
  if (chat.feedNumber === after) return { events: [], cursor: { chatId: chat.id, number: after }, more: false };
  if (chat.feedNumber < after || chat.feedNumber - after > TOO_FAR_BEHIND) return reset(chat);
  const feed = await reads.feed(chat.id, after, AT_ONCE);
  // Old events are cleaned away after a while; whoever still needs them begins anew.
  if (feed[0]?.number !== after + 1) return reset(chat);
  const messages = await messagesOf(reads, chat, feed);
  const events: ChatEvent<C, M>[] = [];
  for (const { number, at, event } of feed) {
    const told = await tell(event, chat, messages, shows);
    events.push({ ...headOf(chat, number, at), ...told });
  }
  const number = feed.at(-1)?.number ?? after;
  return { events, cursor: { chatId: chat.id, number }, more: number < chat.feedNumber };
}

async function messagesOf(
  reads: Reads,
  chat: Chat,
  feed: readonly NumberedFeedEvent[],
): Promise<ReadonlyMap<number, Message>> {
  const numbers = feed.flatMap(({ event }) => ('message' in event ? [event.message] : []));
  const found = await reads.messagesByNumber(chat.id, numbers);
  return new Map(found.map((message) => [message.number, message]));
}

async function tell<C, M>(
  event: FeedEvent,
  chat: Chat,
  messages: ReadonlyMap<number, Message>,
  shows: Shows<C, M>,
): Promise<Told<C, M>> {
  switch (event.kind) {
    case 'chat':
      return { kind: event.kind, data: { chat: await shows.chat(chat) } };
    case 'message':
    case 'message_updated': {
      const message = messages.get(event.message);
      return { kind: event.kind, data: { message: message ? await shows.message(message) : null } };
    }
    case 'states':
      return { kind: event.kind, data: { states: [{ from: event.from, to: event.to, state: event.state }] } };
    case 'position':
      return { kind: event.kind, data: { position: event.position, wait_seconds: event.waitSeconds } };
    case 'typing':
      return { kind: event.kind, data: { typing: event.typing, name: event.name } };
    case 'redirect': {
      const { kind, ...redirect } = event;
      return { kind, data: { redirect, chat: await shows.chat(chat) } };
    }
    default:
      return assertNever(event);
  }
}

function reset(chat: Chat): Heard<ChatEvent<never, never>> {
  const event = { ...headOf(chat, chat.feedNumber, chat.createdAt), kind: 'reset' as const, data: {} };
  return { events: [event], cursor: { chatId: chat.id, number: chat.feedNumber }, more: false };
}

function headOf(chat: Chat, number: number, at: Date): { cursor: string; chat: number; number: number; at: string } {
  return { cursor: formatCursor({ chatId: chat.id, number }), chat: chat.id, number, at: at.toISOString() };
}
