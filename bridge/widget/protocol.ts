import type { Unsent } from './core/outbox.js';
import type { Chat, Desk, Page } from './core/types.js';
import type english from './strings/en.json';

/** The texts of one language. `{n}`, `{max}`, `{name}` and `{desk}` are filled in. */
export type Strings = Record<keyof typeof english, string>;

/** How much of the window is on the page. */
export type Shown = 'closed' | 'peek' | 'open';

/** From the site's page to the frame. */
export type ToFrame =
  | {
      type: 'hello';
      token: string;
      desk: Desk;
      chat: Chat | null;
      page: Page;
      nick: string | undefined;
      language: string;
      strings: Strings;
      draft: string;
      unsent: Unsent[];
      how: Shown;
      focus: boolean;
      listen: boolean;
    }
  /** The answer to `unauthorized`, and when another tab got a new one. */
  | { type: 'token'; token: string }
  /** `peek`: a small window with the newest message pops up. `focus`: the visitor asked for it, so the keyboard belongs to it. */
  | { type: 'show'; how: Shown; focus: boolean }
  /** Listen, or leave it to another tab. */
  | { type: 'listen'; on: boolean }
  /** What the latest page view answered. */
  | { type: 'visit'; desk: Desk; chat: Chat | null; page: Page }
  /** Another tab's outbox changed. */
  | { type: 'unsent'; put: Unsent[]; dropped: string[] }
  | { type: 'seen'; chat: number; number: number };

/** From the frame to the site's page. */
export type ToSite =
  | { type: 'ready' }
  | { type: 'put'; entry: Unsent }
  | { type: 'drop'; id: string }
  | { type: 'draft'; text: string }
  | { type: 'seen'; chat: number; number: number }
  /** `newest` names the newest unseen message, "" when there is none. */
  | { type: 'unread'; count: number; newest: string }
  /** The visitor wants the whole window, or none. */
  | { type: 'open'; open: boolean }
  /** The site's page is to go there. */
  | { type: 'go'; url: string }
  | { type: 'unauthorized'; token: string };

/** Wraps a message so that other scripts' messages on the same page are told apart. */
export interface Envelope<T> {
  foyer: T;
}

/** Posts to one window of one origin, never to `*`: the token is inside. */
export function post<T extends ToFrame | ToSite>(target: Window, origin: string, message: T): void {
  const envelope: Envelope<T> = { foyer: message };
  target.postMessage(envelope, origin);
}

/** The message inside, when it came from `source` at `origin` and is one of ours. */
export function receive<T extends ToFrame | ToSite>(
  event: MessageEvent,
  source: Window | null,
  origin: string,
): T | null {
  if (!source || event.source !== source || event.origin !== origin) return null;
  const message = (event.data as Partial<Envelope<T>> | null)?.foyer;
  return typeof message?.type === 'string' ? message : null;
}
