import { formatCursor, type Cursor } from '../../domain/chats/feed.js';
import type { Wake } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';

/** What one look brought. */
export interface Heard<E> {
  events: E[];
  /** Where the listener stands then. */
  cursor: Cursor;
  /** Another look brings more at once. */
  more: boolean;
}

export interface Listening<E> {
  wake: Wake;
  /** Aborted when the bridge shuts down: whoever waits is woken. */
  shutdown: AbortSignal;
  visitorId: number;
  /** Null: nothing was heard yet. */
  from: Cursor | null;
  look: (cursor: Cursor | null) => Promise<Heard<E>>;
  /** Aborted when nobody is to be told any more; a reason that is a refusal is the answer then. */
  gone?: AbortSignal;
}

/** One open listen: subscribed from the first moment, so that nothing falls between reading and waiting. */
export class Listener<E> {
  /** After a look: whether another one brings more at once. */
  more = false;
  private position: Cursor | null;
  private pending = true;
  private resolve: (() => void) | null = null;
  private readonly unsubscribe: () => void;

  constructor(private readonly listening: Listening<E>) {
    this.position = listening.from;
    this.unsubscribe = listening.wake.subscribe(listening.visitorId, () => this.wake());
    for (const signal of this.endings()) signal.addEventListener('abort', this.onEnding, { once: true });
  }

  get cursor(): string {
    return formatCursor(this.position ?? { chatId: 0, number: 0 });
  }

  async read(): Promise<E[]> {
    this.pending = false;
    const { events, cursor, more } = await this.listening.look(this.position);
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
    for (const signal of this.endings()) signal.removeEventListener('abort', this.onEnding);
    this.wake();
  }

  private readonly onEnding = (): void => this.wake();

  private endings(): AbortSignal[] {
    const { shutdown, gone } = this.listening;
    return gone ? [shutdown, gone] : [shutdown];
  }

  private wake(): void {
    this.pending = true;
    this.resolve?.();
  }
}

/**
 * One answer of a long poll: what there is, at once or when something happens within `waitSeconds`.
 * @throws FoyerError for which nobody is to be told any more
 */
export async function poll<E>(listening: Listening<E>, waitSeconds: number): Promise<{ events: E[]; cursor: string }> {
  const listener = new Listener(listening);
  try {
    const until = performance.now() + waitSeconds * 1000;
    for (;;) {
      const events = await listener.read();
      const refusal: unknown = listening.gone?.reason;
      if (refusal instanceof FoyerError) throw refusal;
      const left = until - performance.now();
      const over = left <= 0 || listening.shutdown.aborted || listening.gone?.aborted === true;
      if (events.length > 0 || over) return { events, cursor: listener.cursor };
      await listener.woken(left);
    }
  } finally {
    listener.end();
  }
}
