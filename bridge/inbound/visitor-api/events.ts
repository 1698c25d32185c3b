import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { banned as refusal } from '../../domain/bans/ban.js';
import { parseCursor, type Cursor } from '../../domain/chats/feed.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Request, type Route } from '../http/route.js';
import { WAIT_SECONDS, cursorText, waitSeconds } from '../listening/events.js';
import { Listener, poll, type Listening } from '../listening/listener.js';
import type { VisitorApiDeps } from './deps.js';
import { pageEvent, readEvents, type PageEvent } from './listen.js';
import { checkFit, checkMember } from './member-check.js';

/** A comment so often keeps a stream alive; pages take 40 s of silence for a loss. */
const HEARTBEAT_MS = 15_000;
/** While a page with an open chat listens, the visitor counts as present. */
const PRESENT_EVERY_MS = 60_000;
/** So often the site is asked whether the member who listens is still logged in there. */
const MEMBER_EVERY_MS = 15_000;

/** Listening: subscribe, read since the cursor, wait. As a stream of server-sent events, or one answer at a time. */
export function eventsRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/events',
    operationId: 'listen',
    summary: 'What happens in this visitor’s chats, from a cursor on',
    tag: 'chats',
    auth: { kind: 'visitor' },
    query: z.strictObject({
      cursor: cursorText
        .optional()
        .meta({ description: 'Where the last answer left off; without one the chat is told as it is now.' }),
      wait: waitSeconds
        .default(WAIT_SECONDS)
        .meta({ description: 'Seconds that a long poll waits for something to happen.' }),
    }),
    stream: pageEvent,
    refusals: ['banned', 'not_permitted'],
    answers: {
      200: {
        description: 'The events since `cursor`, at once or when something happens within `wait` seconds; or a stream.',
        schema: z.object({ events: z.array(pageEvent), cursor: z.string() }),
      },
    },
    handle: async (request) => {
      const { visitorId, instanceId } = request.visitor as VisitorCredential;
      const client = deps.clientOf(request.address);
      const banned = () => deps.reads.banned(instanceId, visitorId, client);
      const streaming = request.ctx.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
      const resumed = request.ctx.get('last-event-id') || request.query.cursor;
      const from = resumed === undefined ? null : parseCursor(resumed);
      await checkPlace(deps, request.visitor as VisitorCredential);
      if ((await banned()) && !(await isLeft(deps, visitorId, from))) throw refusal();
      const { gone, end } = welcome(deps, request.visitor as VisitorCredential, request);
      const listening = listeningOf(deps, visitorId, gone, from);
      if (streaming) {
        void stream(listening, gone, request, banned).finally(end);
        return undefined;
      }
      try {
        return { status: 200, body: await poll(listening, request.query.wait) };
      } finally {
        end();
      }
    },
  });
}

function listeningOf(
  deps: VisitorApiDeps,
  visitorId: number,
  gone: AbortSignal,
  from: Cursor | null,
): Listening<PageEvent> {
  let presentAt = 0;
  return {
    ...{ wake: deps.wake, shutdown: deps.shutdown, visitorId, from, gone },
    async look(cursor) {
      const now = Date.now();
      if (now - presentAt >= PRESENT_EVERY_MS) {
        presentAt = now;
        await keepPresent(deps, visitorId);
      }
      return readEvents(deps.reads, visitorId, cursor);
    },
  };
}

async function keepPresent(deps: VisitorApiDeps, visitorId: number): Promise<void> {
  await deps.transactions.shared({ chats: [] }, async (tx) => {
    const visitor = await tx.visitors.peek(visitorId);
    if (visitor?.online === true && visitor.openChatId !== null)
      tx.visitors.keepOnline(visitorId, deps.hardTimeoutSeconds);
  });
}

/**
 * A listen is open until the page hangs up or its token is taken back, and counts for so long.
 * @throws FoyerError `rate_limited`
 */
function welcome(
  deps: VisitorApiDeps,
  visitor: VisitorCredential,
  { address, ctx }: Request,
): { gone: AbortSignal; end: () => void } {
  const { visitorId } = visitor;
  const { res } = ctx;
  const release = deps.limits.listen(address, visitorId);
  const gone = new AbortController();
  const unsubscribe = deps.wake.subscribeRevoked(visitorId, () =>
    gone.abort(new FoyerError('token_invalid', 'The visitor token was revoked.')),
  );
  const cookies = ctx.get('cookie');
  const stillThere = async (): Promise<void> => {
    await checkMember(deps.siteSessions, visitor, cookies);
    await checkPlace(deps, visitor);
  };
  const asking = visitor.member
    ? setInterval(() => void stillThere().catch((no) => gone.abort(no)), MEMBER_EVERY_MS)
    : undefined;
  if (res.closed) gone.abort();
  else res.once('close', () => gone.abort());
  return {
    gone: gone.signal,
    end() {
      clearInterval(asking);
      unsubscribe();
      release();
    },
  };
}

/** A member whom the site has taken out of a group hears no more of what is said at a desk for that. @throws FoyerError `not_permitted` */
async function checkPlace({ reads }: VisitorApiDeps, visitor: VisitorCredential): Promise<void> {
  if (visitor.member) await checkFit(reads, visitor, (await reads.currentChat(visitor.visitorId))?.deskId ?? null);
}

function stream(
  listening: Listening<PageEvent>,
  gone: AbortSignal,
  { ctx }: Request,
  banned: () => Promise<boolean>,
): Promise<void> {
  const out = new PassThrough();
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  // nginx would otherwise hold the stream back until a buffer is full.
  ctx.set('X-Accel-Buffering', 'no');
  ctx.body = out;
  out.write('retry: 2000\n\n');
  const listener = new Listener(listening);
  return pump(listener, out, gone, listening.shutdown, banned).finally(() => {
    listener.end();
    out.end();
  });
}

async function pump(
  listener: Listener<PageEvent>,
  out: PassThrough,
  gone: AbortSignal,
  shutdown: AbortSignal,
  banned: () => Promise<boolean>,
): Promise<void> {
  while (!gone.aborted && !shutdown.aborted) {
    let events: PageEvent[];
    let over: boolean;
    try {
      events = await listener.read();
      over = events.some(tellsBan) || (!listener.more && (await banned()));
    } catch {
      // The page comes again with its cursor; ending is the clearest thing to say.
      return;
    }
    for (const event of events) {
      // A token that was taken back meanwhile mustn't bring this either.
      if (gone.aborted) return;
      const room = out.write(`id: ${event.cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
      if (!room && !gone.aborted) await drained(out, gone);
    }
    if (over) return;
    if (!listener.more) {
      const woken = await listener.woken(HEARTBEAT_MS);
      if (!woken && !gone.aborted) out.write(': still here\n\n');
    }
  }
}

/** Whoever is banned hears to the end of the chat, and nothing more. */
async function isLeft({ reads }: VisitorApiDeps, visitorId: number, from: Cursor | null): Promise<boolean> {
  return from !== null && (await readEvents(reads, visitorId, from)).events.length > 0;
}

function tellsBan(event: PageEvent): boolean {
  return event.kind === 'chat' && event.data.chat?.banned === true;
}

/** The page has read on, or there is nobody to write for any more. */
function drained(out: PassThrough, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    out.once('drain', resolve);
    gone.addEventListener('abort', () => resolve(), { once: true });
  });
}
