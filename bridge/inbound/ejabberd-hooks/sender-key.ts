import { createHash } from 'node:crypto';
import type { HookEvent } from './events.js';

type MessageEvent = Extract<HookEvent, { kind: 'message' }>;
type RoomMessageEvent = Extract<HookEvent, { kind: 'room_message' }>;

/** Clients whose ids only count within a session make shorter ones. */
const UNIQUE_ID_LENGTH = 16;

/**
 * What the record calls an operator's message. A client that lost its connection sends again what wasn't acknowledged, under the same id, and ejabberd may have had it:
 * the same sender, text and globally unique id (XEP-0359, or an id too long to be a counter) are the same message. Without such an id only the event's own
 * repetition is one.
 */
export function senderKeyOf(event: MessageEvent): string {
  return keyOf(event, event.from);
}

/** The same of what was said in a room. */
export function roomSenderKeyOf(event: RoomMessageEvent): string {
  return keyOf(event, event.jid ?? event.nick);
}

function keyOf(
  { id, origin_id: originId, stanza_id: stanzaId, body }: MessageEvent | RoomMessageEvent,
  from: string,
): string {
  const unique = originId ?? (stanzaId.length >= UNIQUE_ID_LENGTH ? stanzaId : undefined);
  if (unique === undefined) return `x:${id}`;
  const sender = from.split('/', 1)[0];
  return `x:${createHash('sha256')
    .update(JSON.stringify([sender, unique, body]))
    .digest('base64url')}`;
}
