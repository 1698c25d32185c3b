import type { DeliveryState } from './message.js';
import type { Redirect } from './redirect.js';

/**
 * The numbered events of a chat: what a page listens to. Numbers are taken while the chat is locked, so that a reader who has seen n
 * never misses a lower one that commits later.
 */
export type FeedEvent =
  /** State or operator changed. The reader shows the chat as it is now. */
  | { kind: 'chat' }
  | { kind: 'message'; message: number }
  /** A correction (XEP-0308). */
  | { kind: 'message_updated'; message: number }
  /** The visitor's own messages `from`…`to` have come as far as `state`, and none had before. */
  | { kind: 'states'; from: number; to: number; state: DeliveryState }
  /** The chat's place among those that wait, from 1, and how long it will take; null where nobody can say. */
  | { kind: 'position'; position: number; waitSeconds: number | null }
  /** A page that the visitor is to see. */
  | ({ kind: 'redirect' } & Redirect)
  /** The operator began or stopped typing (XEP-0085). */
  | { kind: 'typing'; typing: boolean; name: string };

export interface NumberedFeedEvent {
  chatId: number;
  number: number;
  at: Date;
  event: FeedEvent;
}

/** Where a listener stands: it has seen everything of `chatId` up to `number`. */
export interface Cursor {
  chatId: number;
  number: number;
}

const CURSOR = /^(\d{1,15})\.(\d{1,9})$/;

export function formatCursor(cursor: Cursor): string {
  return `${cursor.chatId}.${cursor.number}`;
}

/** Null when the text isn't a cursor; `0.0` is the place before everything. */
export function parseCursor(text: string): Cursor | null {
  const match = CURSOR.exec(text);
  return match ? { chatId: Number(match[1]), number: Number(match[2]) } : null;
}
