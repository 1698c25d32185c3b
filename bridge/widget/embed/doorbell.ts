import { type Api, ApiError } from '../core/api.js';
import { backoff } from '../core/backoff.js';
import { readStream } from '../core/read-stream.js';
import type { Timers } from '../core/timers.js';
import { type Chat, type FeedEvent, isOpen } from '../core/types.js';

const SILENCE_MS = 40_000; // the bridge sends a comment every 15 s
const FIRST_BYTE_MS = 6000; // and something at once: a stream that is mute for so long is held back by a proxy
const ASK_MS = 10_000; // behind such a proxy the snapshot is asked for so often

export interface DoorbellOptions {
  api: Api;
  timers: Timers;
  /** The visitor has an open chat: an operator's invitation, or one begun in another tab. */
  onRing(chat: Chat): void;
  /** The token isn't known any more; never rejects. */
  onUnauthorized(): Promise<void>;
}

export interface Doorbell {
  /** Listens from now on, also when it did: a new connection begins with the visitor's chat as it stands, so nothing is missed. */
  start(): void;
  stop(): void;
}

/** Listens for a chat while the frame, which listens to everything, isn't loaded. */
export function createDoorbell({ api, timers, onRing, onUnauthorized }: DoorbellOptions): Doorbell {
  let run = 0;
  let connection: AbortController | null = null;

  function hear(event: FeedEvent): void {
    if (event.kind === 'chat' && isOpen(event.data.chat)) onRing(event.data.chat);
  }

  /** True when the stream spoke. */
  async function stream(stop: AbortController): Promise<boolean> {
    const end = (): void => stop.abort();
    let cancel = timers.after(FIRST_BYTE_MS, end);
    let spoke = false;
    try {
      const answer = await api.open('events', undefined, { accept: 'text/event-stream' }, stop.signal);
      await readStream(
        answer,
        () => {
          cancel();
          cancel = timers.after(SILENCE_MS, end);
          spoke = true;
        },
        hear,
      );
    } catch (error) {
      if (!spoke && !stop.signal.aborted) throw error;
    } finally {
      cancel();
    }
    return spoke;
  }

  async function listen(mine: number): Promise<void> {
    for (let failures = 0; mine === run;) {
      let pause = 0;
      const stop = (connection = new AbortController());
      try {
        if (!(await stream(stop)) && mine === run) {
          const { events } = await api.call<{ events: FeedEvent[] }>('events?wait=0');
          if (mine === run) events.forEach(hear);
          pause = ASK_MS;
        }
        failures = 0;
      } catch (error) {
        failures += 1;
        if (error instanceof ApiError && error.status === 401 && mine === run) await onUnauthorized();
      }
      await new Promise<void>((resolve) => timers.after(pause + backoff(failures + 1, timers.random), resolve));
    }
  }

  function begin(): void {
    run += 1;
    connection?.abort();
  }

  return {
    stop: begin,
    start() {
      begin();
      void listen(run);
    },
  };
}
