import { type Api, ApiError } from './api.js';
import { backoff } from './backoff.js';
import { readStream } from './read-stream.js';
import type { Timers } from './timers.js';
import type { FeedEvent } from './types.js';

/** The bridge sends a comment every 15 s: after two and a half of them the connection is dead, whatever the browser says. */
const SILENCE_MS = 40_000;
/** The bridge flushes something at once: a stream that is mute this long is held back by a proxy. */
const FIRST_BYTE_MS = 6000;
/** A connection that spoke this recently needs no renewal when the page comes back to the front. */
const FRESH_MS = 16_000;
const CHECK_MS = 2000;
const POLL_SECONDS = 25; // under the usual 30 s limit of proxies
/** An empty answer that comes sooner isn't a long poll: something answers in the bridge's place, and must not be flooded. */
const MIN_POLL_MS = 1000;
const STREAM_TRIES = 2;
/** Polls in a row after which a stream is tried again: about 8 minutes. */
const POLLS_BEFORE_STREAM = 20;
/** After a stream that worked came to its end, which is normal: bridges restart and proxies cut. */
const RECONNECT_MS = 300;
/** A stream that ends sooner than this is followed by a longer pause: something is wrong that another one won't mend. */
const SHORT_MS = 2000;

export interface FeedOptions {
  api: Api;
  timers: Timers;
  onEvent(event: FeedEvent): void;
  /** True once the bridge was heard, false when the connection is lost. */
  onLive(live: boolean): void;
  /** The token isn't known any more. The feed goes on when the promise settles; it never rejects. */
  onUnauthorized(): Promise<void>;
}

export interface Feed {
  /** Listens from `cursor`; null begins with a snapshot. Ends what went before. A stopped feed only remembers the cursor. */
  start(cursor: string | null): void;
  stop(): void;
  /** Listens on from where it stopped; nothing when it listens. */
  resume(): void;
  /** The page or the network is back: reconnects at once; with `soft` only if nothing was heard lately. */
  wake(soft?: boolean): void;
}

/**
 * Listens to the visitor's events: a stream read by fetch (EventSource can't carry the token in a header), resumed by Last-Event-ID,
 * and a long poll over the same cursor where streams don't come through. An event may come twice around a reconnect; none is missed.
 */
export function createFeed(options: FeedOptions): Feed {
  const { api, timers } = options;
  let cursor: string | null = null;
  let run = 0;
  let wanted = true;
  let started = false;
  let connection: AbortController | null = null;
  let cutWait: (() => void) | null = null;
  let heardAt = 0;
  let live = false;
  let failures = 0;
  let muteStreams = 0;
  let polls = 0;

  function heard(): void {
    heardAt = timers.now();
    failures = 0;
    if (!live) options.onLive((live = true));
  }

  function lost(): void {
    if (live) options.onLive((live = false));
  }

  function dispatch(event: FeedEvent, mine: number): void {
    if (mine !== run) return;
    if (event.cursor) cursor = event.cursor;
    options.onEvent(event);
  }

  /** Aborts the connection when it is silent for too long. Wall-clock time, so a sleep of the machine counts as silence. */
  function watch(stop: AbortController, limit: () => number): void {
    heardAt = timers.now();
    const check = (): void => {
      if (stop.signal.aborted) return;
      if (timers.now() - heardAt > limit()) {
        lost();
        stop.abort();
      } else timers.after(CHECK_MS, check);
    };
    timers.after(CHECK_MS, check);
  }

  async function stream(mine: number, stop: AbortController): Promise<void> {
    let spoke = false;
    watch(stop, () => (spoke ? SILENCE_MS : FIRST_BYTE_MS));
    try {
      const headers = { accept: 'text/event-stream', ...(cursor && { 'last-event-id': cursor }) };
      const answer = await api.open('events', undefined, headers, stop.signal);
      await readStream(
        answer,
        () => {
          spoke = true;
          muteStreams = 0;
          heard();
        },
        (event) => dispatch(event, mine),
      );
      if (!spoke) throw new ApiError(0, 'mute');
    } catch (error) {
      if (spoke || mine !== run) return;
      // Refused, or the network is away: that says nothing about streams. Silence does, until the watch ended it.
      const refused = error instanceof ApiError && error.code !== 'mute' && !stop.signal.aborted;
      if (!refused) muteStreams += 1;
      throw error;
    } finally {
      stop.abort();
    }
  }

  async function poll(mine: number, stop: AbortController): Promise<void> {
    const query = `events?wait=${POLL_SECONDS}${cursor ? `&cursor=${cursor}` : ''}`;
    const from = timers.now();
    watch(stop, () => SILENCE_MS);
    try {
      const answer = await api.call<{ events: FeedEvent[]; cursor: string }>(query, undefined, stop.signal);
      if (mine !== run) return;
      heard();
      polls += 1;
      if (polls >= POLLS_BEFORE_STREAM) muteStreams = polls = 0;
      for (const event of answer.events) dispatch(event, mine);
      if (mine !== run) return;
      cursor = answer.cursor;
      if (!answer.events.length && timers.now() - from < MIN_POLL_MS) await wait(MIN_POLL_MS);
    } finally {
      stop.abort();
    }
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = timers.after(ms, resolve);
      cutWait = () => {
        cancel();
        resolve();
      };
    });
  }

  async function listen(mine: number): Promise<void> {
    while (mine === run) {
      const stop = (connection = new AbortController());
      const polling = muteStreams >= STREAM_TRIES;
      const from = timers.now();
      let pause = 0;
      try {
        await (polling ? poll(mine, stop) : stream(mine, stop));
        if (!polling) pause = timers.now() - from < SHORT_MS ? SHORT_MS : RECONNECT_MS;
      } catch (error) {
        if (mine !== run) return;
        failures += 1;
        lost();
        pause = Math.max(backoff(failures, timers.random), error instanceof ApiError ? error.retryAfter : 0);
        if (error instanceof ApiError && error.status === 401) {
          await options.onUnauthorized();
          cursor = null;
          if (failures === 1) pause = 0;
        } else if (polling && failures >= STREAM_TRIES) {
          muteStreams = 0;
        }
      }
      if (mine !== run) return;
      if (pause) await wait(pause);
    }
  }

  function begin(): void {
    run += 1;
    connection?.abort();
    cutWait?.();
    if (wanted) void listen(run);
  }

  return {
    start(from) {
      cursor = from;
      started = true;
      begin();
    },
    stop() {
      wanted = false;
      begin();
    },
    resume() {
      if (wanted) return;
      wanted = true;
      if (started) begin();
    },
    wake(soft = false) {
      if (!started || (soft && live && timers.now() - heardAt < FRESH_MS)) return;
      failures = 0;
      if (!soft) muteStreams = 0;
      begin();
    },
  };
}
