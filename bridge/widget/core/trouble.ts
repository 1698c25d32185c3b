import type { Timers } from './timers.js';

const TROUBLE_MS = 3000; // a reconnect that is quicker needs no mention

/** Whether the connection has been lost for long enough to tell the visitor. */
export interface Trouble {
  lasts(): boolean;
  set(live: boolean): void;
}

export function createTrouble(timers: Timers, onChange: () => void): Trouble {
  let lasts = false;
  let cancel: (() => void) | null = null;

  function turn(on: boolean): void {
    cancel?.();
    cancel = null;
    if (lasts === on) return;
    lasts = on;
    onChange();
  }

  return {
    lasts: () => lasts,
    set(live) {
      if (live) turn(false);
      else if (!lasts) cancel ??= timers.after(TROUBLE_MS, () => turn(true));
    },
  };
}
