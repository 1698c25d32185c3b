import type { Unsent } from '../core/outbox.js';
import type { ToFrame } from '../protocol.js';

/** What the site's own storage keeps for a visitor: frames of another site have none that lasts. */
export interface Store {
  token(): string | null;
  setToken(token: string | null): void;
  /** Whose token it is. */
  visitor(): string | null;
  setVisitor(id: number): void;
  draft(): string;
  setDraft(text: string): void;
  unsent(): Unsent[];
  put(entry: Unsent): void;
  drop(id: string): void;
  /** All that is of somebody who isn't here any more. */
  forget(): void;
  setSeen(chat: number, number: number): void;
  /** Whether the window is open in this tab. */
  open(): boolean;
  setOpen(open: boolean): void;
  /** The newest message when the visitor last closed the window in this tab: it doesn't pop up again. */
  dismissed(): string | null;
  setDismissed(newest: string): void;
  /** Tells what other tabs of the site change, in the frame's words. */
  watch(tell: (message: ToFrame) => void): void;
}

/** Storage that may be forbidden or full: then the page's memory does, and what is kept lasts as long as the page. */
function forgiving(storage: () => Storage) {
  const memory = new Map<string, string>();
  const attempt = <T>(use: () => T, instead: T): T => {
    try {
      return use();
    } catch {
      return instead;
    }
  };
  return {
    get: (key: string): string | null => memory.get(key) ?? attempt(() => storage().getItem(key), null),
    set(key: string, value: string | false | null): void {
      memory.delete(key);
      if (!value) attempt(() => storage().removeItem(key), undefined);
      else if (!attempt(() => (storage().setItem(key, value), true), false)) memory.set(key, value);
    },
    keys: (): string[] => [...memory.keys(), ...attempt(() => Object.keys(storage()), [])],
  };
}

/** The storage of one desk of one bridge; one key for each unsent text, so that tabs don't overwrite each other's. */
export function createStore(bridge: string, desk: string): Store {
  const prefix = `foyer:${bridge}:${desk}:`;
  const token = `${prefix}token`;
  const visitor = `${prefix}visitor`;
  const draft = `${prefix}draft`;
  const seen = `${prefix}seen`;
  const open = `${prefix}open`;
  const dismissed = `${prefix}dismissed`;
  const unsent = `${prefix}unsent:`;
  const site = forgiving(() => localStorage);
  const tab = forgiving(() => sessionStorage);

  const keysOf = (start: string): string[] => site.keys().filter((key) => key.startsWith(start));

  return {
    token: () => site.get(token),
    setToken: (value) => site.set(token, value),
    visitor: () => site.get(visitor),
    setVisitor: (id) => site.set(visitor, `${id}`),
    draft: () => site.get(draft) ?? '',
    setDraft: (text) => site.set(draft, text),
    unsent: () => keysOf(unsent).map((key) => JSON.parse(site.get(key) ?? '') as Unsent),
    put: (entry) => site.set(unsent + entry.id, JSON.stringify(entry)),
    drop: (id) => site.set(unsent + id, null),
    forget: () => keysOf(prefix).forEach((key) => site.set(key, null)),
    setSeen: (chat, number) => site.set(seen, JSON.stringify({ chat, number })),
    open: () => tab.get(open) !== null,
    setOpen: (is) => tab.set(open, is && '1'),
    dismissed: () => tab.get(dismissed),
    setDismissed: (newest) => tab.set(dismissed, newest),
    watch(tell) {
      addEventListener('storage', ({ key, newValue }) => {
        // What is stored now: of two tabs that each got a token at once, one was a moment too early.
        const current = key === token && site.get(token);
        if (current) tell({ type: 'token', token: current });
        if (key === seen && newValue)
          tell({ type: 'seen', ...(JSON.parse(newValue) as { chat: number; number: number }) });
        if (!key?.startsWith(unsent)) return;
        const put = newValue ? [JSON.parse(newValue) as Unsent] : [];
        tell({ type: 'unsent', put, dropped: newValue ? [] : [key.slice(unsent.length)] });
      });
    },
  };
}
