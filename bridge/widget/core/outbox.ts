import { ApiError } from './api.js';
import { backoff } from './backoff.js';
import { byteLength } from './byte-length.js';
import type { Timers } from './timers.js';

/** A text that the bridge hasn't taken yet. Kept in the page's storage until it has. */
export interface Unsent {
  /** The `client_message_id`: the bridge stores a text once, however often it is sent under this id. */
  id: string;
  text: string;
  /** The chat it was written into; null begins one. */
  chat: number | null;
  /** Milliseconds of the wall clock when it was written. */
  at: number;
  /** Code of the refusal; such a text waits for the visitor to decide. */
  failed?: string | undefined;
}

const BATCH_COUNT = 50;
const BATCH_BYTES = 60_000; // two messages of full length: well under any proxy's limit of a body
/** A text of another tab is that tab's to send; this one helps out when it is still there after so long. */
const ADOPT_MS = 10_000;
/** Older than this, the visitor is asked before a text from an earlier visit is sent. */
const STALE_MS = 12 * 3600_000;

export interface OutboxOptions {
  timers: Timers;
  /** Sends texts of one chat in order, all or none; a text without a chat comes alone. Rejects with {@link ApiError}. */
  post(entries: Unsent[]): Promise<void>;
  put(entry: Unsent): void;
  drop(id: string): void;
  /** The token isn't known any more; never rejects. */
  onUnauthorized(): Promise<void>;
  onChange(): void;
}

export interface Outbox {
  /** In the order in which they were written. */
  entries(): Unsent[];
  add(entry: Unsent): void;
  /** Takes over what the storage holds: `later` for those that another tab has just written. */
  adopt(entries: Unsent[], later: boolean): void;
  /** The bridge has it (it came by the feed, or another tab sent it), or the visitor gave it up. */
  remove(id: string): void;
  /** Sends a refused text again, into `chat`. */
  retry(id: string, chat: number | null): void;
  /** Texts without a chat belong to `chat` from now on. With null all texts lose theirs: the bridge knows the visitor no more. */
  bind(chat: number | null): void;
  /** Tries at once instead of waiting out the backoff. */
  wake(): void;
}

/**
 * Unsent texts, oldest first, one request in flight. Sends again with backoff until the bridge takes or refuses a text; a refused one
 * stays, with the reason, and doesn't hold up those behind it.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { timers } = options;
  let queue: Unsent[] = [];
  const notBefore = new Map<string, number>();
  let sending = false;
  let failures = 0;
  let single = false;
  /** Nothing is sent before this time: the bridge refused to listen, or couldn't be reached. */
  let pausedUntil = 0;
  let cancel = (): void => undefined;

  function due(): Unsent[] {
    const ready = queue.filter((entry) => !entry.failed && (notBefore.get(entry.id) ?? 0) <= timers.now());
    const head = ready[0];
    if (!head) return [];
    const batch: Unsent[] = [];
    let bytes = 0;
    for (const entry of ready) {
      bytes += byteLength(entry.text);
      const full = batch.length && (single || !head.chat || batch.length >= BATCH_COUNT || bytes > BATCH_BYTES);
      if (full || entry.chat !== head.chat) break;
      batch.push(entry);
    }
    return batch;
  }

  function forget(id: string): boolean {
    if (!queue.some((entry) => entry.id === id)) return false;
    queue = queue.filter((entry) => entry.id !== id);
    notBefore.delete(id);
    options.drop(id);
    return true;
  }

  function update(id: string, change: Partial<Unsent>): void {
    queue = queue.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
    const changed = queue.find((entry) => entry.id === id);
    if (changed) options.put(changed);
  }

  /** Earliest time at which there may be something to send; Infinity when nothing waits. */
  function next(): number {
    const times = queue.filter((entry) => !entry.failed).map((entry) => notBefore.get(entry.id) ?? 0);
    return Math.max(pausedUntil, Math.min(...times));
  }

  async function pump(): Promise<void> {
    cancel();
    if (sending) return;
    const wait = next() - timers.now();
    if (wait > 0) {
      if (wait < Infinity)
        cancel = timers.after(wait, () => {
          pausedUntil = 0; // also when the wall clock was set back meanwhile
          void pump();
        });
      return;
    }
    const batch = due();
    sending = true;
    try {
      await options.post(batch);
      failures = 0;
      single = false;
      batch.forEach((entry) => forget(entry.id));
    } catch (error) {
      await settle(error instanceof ApiError ? error : new ApiError(0, 'network'), batch);
    }
    sending = false;
    options.onChange();
    void pump();
  }

  async function settle(error: ApiError, batch: Unsent[]): Promise<void> {
    const refused = error.status >= 400 && error.status < 500 && ![401, 408, 425, 429].includes(error.status);
    if (!refused) {
      failures += 1;
      if (error.status === 401) await options.onUnauthorized();
      const pause = Math.max(backoff(failures, timers.random), error.retryAfter);
      if (error.status !== 401 || failures > 1) pausedUntil = timers.now() + pause;
    } else if (batch.length > 1) {
      single = true; // one of them is refused: each alone tells which
    } else {
      failures = 0;
      single = false;
      batch.forEach((entry) => update(entry.id, { failed: error.code }));
    }
  }

  return {
    entries: () => queue,
    add(entry) {
      queue = [...queue, entry];
      options.put(entry);
      options.onChange();
      void pump();
    },
    adopt(entries, wait) {
      const known = new Set(queue.map((entry) => entry.id));
      const fresh = entries.filter((entry) => !known.has(entry.id));
      for (const entry of fresh) {
        const stale = !wait && !entry.failed && timers.now() - entry.at > STALE_MS;
        if (wait) notBefore.set(entry.id, timers.now() + ADOPT_MS);
        queue.push(stale ? { ...entry, failed: 'stale' } : entry);
      }
      queue = [...queue].sort((a, b) => a.at - b.at);
      if (fresh.length) options.onChange();
      void pump();
    },
    remove(id) {
      if (forget(id)) options.onChange();
    },
    retry(id, chat) {
      update(id, { failed: undefined, chat });
      options.onChange();
      void pump();
    },
    bind(chat) {
      const moves = queue.filter((entry) => !entry.failed && (chat === null || entry.chat === null));
      for (const entry of moves) update(entry.id, { chat });
    },
    wake() {
      failures = pausedUntil = 0;
      void pump();
    },
  };
}
