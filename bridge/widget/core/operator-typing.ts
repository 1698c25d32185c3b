import type { Timers } from './timers.js';

const LASTS_MS = 45_000; // clients say once that somebody types; a lost "paused" must not stay for ever

/** Who types on the other side. */
export interface OperatorTyping {
  /** "" when the name isn't known; null when nobody types. */
  name(): string | null;
  set(name: string | null): void;
}

export function createOperatorTyping(timers: Timers, onExpire: () => void): OperatorTyping {
  let current: string | null = null;
  let cancel = (): void => undefined;

  return {
    name: () => current,
    set(name) {
      cancel();
      current = name;
      if (name === null) return;
      cancel = timers.after(LASTS_MS, () => {
        current = null;
        onExpire();
      });
    },
  };
}
