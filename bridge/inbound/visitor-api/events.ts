import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { formatCursor, parseCursor, type Cursor } from '../../domain/chats/feed.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Request, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { readEvents, type PageEvent } from './listen.js';

/** Long polls end below the 30 s after which many proxies cut a silent connection. */
const WAIT_SECONDS = 25;
/** A comment so often keeps a stream alive; pages take 40 s of silence for a loss. */
const HEARTBEAT_MS = 15_000;
/** While a page with an open chat listens, the visitor counts as present. */
const PRESENT_EVERY_MS = 60_000;

const query = z.strictObject({
  cursor: z
    .string()
    .refine((text) => parseCursor(text) !== null, 'must be a cursor of an earlier answer')
    .optional(),
  wait: z.coerce.number().int().min(0).max(WAIT_SECONDS).default(WAIT_SECONDS),
});

/** Listening: subscribe, read since the cursor, wait. As a stream of server-sent events, or one answer at a time. */
export function eventsRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/events',
    operationId: 'listen',
    summary: 'What happens in this visitor’s chats, from a cursor on',
    tag: 'chats',
    auth: { kind: 'visitor' },
    query,
    answers: {
      200: {
        description:
          'Long poll: the events since `cursor`, at once or when something happens within `wait` seconds. With `Accept: text/event-stream` a stream, which `Last-Event-ID` resumes.',
        schema: z.object({ events: z.array(z.object({}).loose()), cursor: z.string() }),
      },
    },
    handle: async (request) => {
      const { visitorId } = request.visitor as VisitorCredential;
      if (deps.wake.listenersOf(visitorId) >= deps.listenersPerVisitor) {
        throw new FoyerError('rate_limited', 'Too many pages of this visitor listen.', { retryAfterSeconds: 30 });
      }
      const streaming = request.ctx.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
      const resumed = request.ctx.get('last-event-id') || request.query.cursor;
      const cursor = resumed === undefined ? null : parseCursor(resumed);
      if (!streaming) return { status: 200, body: await poll(deps, visitorId, cursor, request.query.wait) };
      stream(deps, request, visitorId, cursor);
      return undefined;
    },
  });
}

async function poll(deps: VisitorApiDeps, visitorId: number, from: Cursor | null, waitSeconds: number) {
  const listener = new Listener(deps, visitorId, from);
  try {
    const until = Date.now() + waitSeconds * 1000;
    for (;;) {
      const events = await listener.read();
      const left = until - Date.now();
      if (events.length > 0 || left <= 0 || deps.shutdown.aborted) return { events, cursor: listener.cursor };
      await listener.woken(left);
    }
  } finally {
    listener.end();
  }
}

function stream(deps: VisitorApiDeps, { ctx }: Request, visitorId: number, from: Cursor | null): void {
  const out = new PassThrough();
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  // nginx would otherwise hold the stream back until a buffer is full.
  ctx.set('X-Accel-Buffering', 'no');
  ctx.body = out;
  out.write('retry: 2000\n\n');
  const listener = new Listener(deps, visitorId, from);
  const gone = new AbortController();
  ctx.res.once('close', () => {
    gone.abort();
    listener.end();
  });
  void pump(deps, listener, out, gone.signal).finally(() => {
    listener.end();
    out.end();
  });
}

async function pump(deps: VisitorApiDeps, listener: Listener, out: PassThrough, gone: AbortSignal): Promise<void> {
  while (!gone.aborted && !deps.shutdown.aborted) {
    let events: PageEvent[];
    try {
      events = await listener.read();
    } catch {
      // The page comes again with its cursor; ending is the clearest thing to say.
      return;
    }
    for (const event of events) {
      const room = out.write(`id: ${event.cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
      if (!room && !gone.aborted)
        await new Promise<void>((resolve) => {
          out.once('drain', resolve);
          gone.addEventListener('abort', () => resolve(), { once: true });
        });
    }
    if (!listener.more) {
      const woken = await listener.woken(HEARTBEAT_MS);
      if (!woken && !gone.aborted) out.write(': still here\n\n');
    }
  }
}

/** One open listen: subscribed from the first moment, so that nothing falls between reading and waiting. */
class Listener {
  /** After a look: whether another one brings more at once. */
  more = false;
  private position: Cursor | null;
  private pending = true;
  private resolve: (() => void) | null = null;
  private presentAt = 0;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly deps: VisitorApiDeps,
    private readonly visitorId: number,
    from: Cursor | null,
  ) {
    this.position = from;
    this.unsubscribe = deps.wake.subscribe(visitorId, () => this.wake());
    deps.shutdown.addEventListener('abort', this.onShutdown, { once: true });
  }

  get cursor(): string {
    return formatCursor(this.position ?? { chatId: 0, number: 0 });
  }

  async read(): Promise<PageEvent[]> {
    this.pending = false;
    await this.keepPresent();
    const { events, cursor, more } = await readEvents(this.deps.reads, this.visitorId, this.position);
    this.position = cursor;
    this.more = more;
    return events;
  }

  /** @returns false when nothing happened for so long. */
  async woken(milliseconds: number): Promise<boolean> {
    if (this.pending) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.resolve = null;
    return this.pending;
  }

  end(): void {
    this.unsubscribe();
    this.deps.shutdown.removeEventListener('abort', this.onShutdown);
    this.wake();
  }

  private readonly onShutdown = (): void => this.wake();

  private wake(): void {
    this.pending = true;
    this.resolve?.();
  }

  private async keepPresent(): Promise<void> {
    const now = Date.now();
    if (now - this.presentAt < PRESENT_EVERY_MS) return;
    this.presentAt = now;
    await this.deps.transactions.shared({ chats: [] }, async (tx) => {
      const visitor = await tx.visitors.peek(this.visitorId);
      if (visitor?.online === true && visitor.openChatId !== null)
        tx.visitors.keepOnline(this.visitorId, this.deps.hardTimeoutSeconds);
    });
  }
}
