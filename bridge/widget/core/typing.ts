import type { Timers } from './timers.js';

const REPEAT_MS = 4000;
const IDLE_MS = 5000;

/** Tells the bridge that the visitor types: at most every 4 s, and that it ended after 5 s without a key. */
export interface TypingNotice {
  /** A key was pressed; `empty` when nothing is left in the field. */
  typed(empty: boolean): void;
  /** The text was sent: the message itself says that typing ended. */
  sent(): void;
}

export function createTypingNotice(timers: Timers, tell: (typing: boolean) => void): TypingNotice {
  let toldAt: number | null = null;
  let cancel = (): void => undefined;

  function end(): void {
    cancel();
    if (toldAt === null) return;
    toldAt = null;
    tell(false);
  }

  return {
    typed(empty) {
      if (empty) return end();
      cancel();
      cancel = timers.after(IDLE_MS, end);
      if (toldAt !== null && timers.now() - toldAt < REPEAT_MS) return;
      toldAt = timers.now();
      tell(true);
    },
    sent() {
      cancel();
      toldAt = null;
    },
  };
}
