import { z } from 'zod';
import { formatCursor, parseCursor, type NumberedFeedEvent } from '../../domain/chats/feed.js';
import type { ChatView } from '../../domain/helpdesk-reads.js';
import { assertNever } from '../../shared/assert-never.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idParam } from './inputs.js';
import { keyOf, readChat } from './own.js';
import { presentChat, presentMessage, time } from './present.js';

/** Long polls end below the 30 s after which many proxies cut a silent connection. */
const WAIT_SECONDS = 25;
const AT_ONCE = 200;

const eventShape = z
  .object({
    cursor: z.string(),
    number: z.int(),
    kind: z.enum(['chat', 'message', 'message_updated', 'states', 'typing', 'reset']),
    at: time,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({
    id: 'ChatEvent',
    description: 'Kind `reset`: the events before are no longer kept; read the chat anew and go on from this cursor.',
  });
type EventJson = z.infer<typeof eventShape>;

/** For a helpdesk that can't be called back: the chat's feed by long poll. */
export function chatEventsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id/events',
    operationId: 'listenToChat',
    summary: 'What happens in a chat, from a cursor on',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    query: z.strictObject({
      cursor: z
        .string()
        .refine((text) => parseCursor(text) !== null, 'must be a cursor of an earlier answer')
        .optional()
        .meta({ description: 'Where the last answer left off; without one from the beginning of the chat.' }),
      wait: z.coerce
        .number()
        .int()
        .min(0)
        .max(WAIT_SECONDS)
        .default(0)
        .meta({ description: 'Seconds to wait for something to happen.' }),
    }),
    answers: {
      200: {
        description: 'The events since the cursor.',
        schema: z.object({ events: z.array(eventShape), cursor: z.string() }),
      },
    },
    handle: async (request) => {
      const { instanceId } = keyOf(request);
      const { chat } = await readChat(deps, { instanceId }, request.params.id);
      const given = request.query.cursor === undefined ? null : parseCursor(request.query.cursor);
      const from = given?.chatId === chat.id ? given.number : 0;
      const answer = await listen(deps, instanceId, chat.id, chat.visitorId, from, request.query.wait);
      return { status: 200, body: answer };
    },
  });
}

async function listen(
  deps: HelpdeskApiDeps,
  instanceId: number,
  chatId: number,
  visitorId: number,
  from: number,
  waitSeconds: number,
) {
  const until = performance.now() + waitSeconds * 1000;
  let pending = false;
  let wake: () => void = () => undefined;
  const rouse = (): void => {
    pending = true;
    wake();
  };
  // Subscribed before reading, or what commits between the two would be missed.
  const unsubscribe = deps.wake.subscribe(visitorId, rouse);
  deps.shutdown.addEventListener('abort', rouse);
  try {
    for (;;) {
      pending = false;
      const { events, number } = await read(deps, await readChat(deps, { instanceId }, chatId), from);
      const left = until - performance.now();
      if (events.length > 0 || left <= 0 || deps.shutdown.aborted)
        return { events, cursor: formatCursor({ chatId, number }) };
      if (pending) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unsubscribe();
    deps.shutdown.removeEventListener('abort', rouse);
  }
}

async function read(
  deps: HelpdeskApiDeps,
  view: ChatView,
  from: number,
): Promise<{ events: EventJson[]; number: number }> {
  const { chat } = view;
  if (chat.feedNumber === from) return { events: [], number: from };
  const feed = await deps.reads.feed(chat.id, from, AT_ONCE);
  const [first] = feed;
  if (first?.number !== from + 1) return { events: [reset(view)], number: chat.feedNumber };
  const numbers = feed.flatMap(({ event }) => ('message' in event ? [event.message] : []));
  const messages = new Map(
    (await deps.reads.messagesByNumber(chat.id, numbers)).map((message) => [message.number, message]),
  );
  const events: EventJson[] = [];
  for (const one of feed) {
    const { number, at, event } = one;
    const about = 'message' in event ? messages.get(event.message) : undefined;
    const message = about && (await presentMessage((id) => deps.reads.operator(id), about));
    const data = dataOf(view, one, message ?? null);
    events.push({
      cursor: formatCursor({ chatId: chat.id, number }),
      number,
      kind: event.kind,
      at: at.toISOString(),
      data,
    });
  }
  return { events, number: feed.at(-1)?.number ?? from };
}

function dataOf(view: ChatView, { event }: NumberedFeedEvent, message: unknown): Record<string, unknown> {
  switch (event.kind) {
    case 'chat':
      return { chat: presentChat(view) };
    case 'message':
    case 'message_updated':
      return { message };
    case 'states':
      return { from: event.from, to: event.to, state: event.state };
    case 'typing':
      return { typing: event.typing, name: event.name };
    default:
      return assertNever(event);
  }
}

function reset({ chat }: ChatView): EventJson {
  const cursor = formatCursor({ chatId: chat.id, number: chat.feedNumber });
  return { cursor, number: chat.feedNumber, kind: 'reset', at: chat.createdAt.toISOString(), data: {} };
}
