import type { Timeline } from './timeline.js';
import type { Timers } from './timers.js';

const PATIENCE_MS = 2500; // an answer may overtake the events before it by this much

/**
 * A safety net under the feed: calls `load` when a message is missing between others and no event brings it soon. Once for each
 * place, so that a number that doesn't exist isn't asked for without end.
 */
export function createGapCheck(timers: Timers, timeline: Timeline, load: (chat: number) => void): () => void {
  let waits = false;
  let asked = '';

  /** The place of the first gap, or null. */
  function gap(): { chat: number; place: string } | null {
    const chat = timeline.chat();
    const complete = timeline.complete();
    const last = Math.max(chat?.last_number ?? 0, timeline.messages().at(-1)?.number ?? 0);
    return chat && complete < last ? { chat: chat.id, place: `${chat.id}.${complete}` } : null;
  }

  return () => {
    const found = gap();
    if (!found || waits || found.place === asked) return;
    waits = true;
    timers.after(PATIENCE_MS, () => {
      waits = false;
      const still = gap();
      if (!still || still.place === asked) return;
      asked = still.place;
      load(still.chat);
    });
  };
}
