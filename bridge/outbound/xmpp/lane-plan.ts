import type { DueEntry, OutboxEntry, RoomEntry, XmppEntry } from '../../domain/outbox/entry.js';
import type { StanzaEntry } from './stanzas.js';

type PresenceEntry = Extract<XmppEntry, { kind: 'xmpp.presence' }>;
/** Rooms are made, and removed, many at a time. */
type WholeRoomEntry = Extract<RoomEntry, { kind: 'room.make' | 'room.destroy' }>;
export type RoomStepEntry = Exclude<RoomEntry, StanzaEntry | WholeRoomEntry>;
type AccountEntry = Exclude<XmppEntry, StanzaEntry | PresenceEntry | RoomEntry>;

/** One step of a lane: what can be done together, with the positions of its entries. */
export type Step =
  /** Sent one behind the other without waiting, in this order. */
  | { do: 'send'; stanzas: { position: number; entry: StanzaEntry }[] }
  /** The newest presence, in the place of the oldest. */
  | { do: 'presence'; positions: number[]; entry: PresenceEntry }
  | { do: 'account'; position: number; entry: AccountEntry }
  | { do: 'rooms'; what: WholeRoomEntry['kind']; positions: number[]; rooms: number[] }
  | { do: 'room'; position: number; entry: RoomStepEntry }
  /** Nothing needs doing: superseded, too old to matter, or not this courier's. */
  | { do: 'skip'; position: number };

/** Typing that is shown this late only confuses. */
const CHAT_STATE_MS = 10_000;

/**
 * Orders the work of a lane. Presence counts until the session is ended: within such a stretch only the newest is shown, at
 * the place of the first; and none is shown that an end follows at once. Pure.
 */
export function planLane(entries: readonly DueEntry[], now: Date): Step[] {
  const steps: Step[] = [];
  let presence: Extract<Step, { do: 'presence' }> | null = null;
  for (const [position, { entry, createdAt }] of entries.entries()) {
    if (isStanza(entry)) {
      const passing = entry.kind === 'xmpp.chat-state' || entry.kind === 'room.chat-state';
      if (passing && now.getTime() - createdAt.getTime() > CHAT_STATE_MS) {
        steps.push({ do: 'skip', position });
      } else {
        addStanza(steps, position, entry);
      }
    } else if (entry.kind === 'xmpp.presence') {
      if (presence) {
        presence.entry = entry;
        presence.positions.push(position);
      } else {
        presence = { do: 'presence', positions: [position], entry };
        steps.push(presence);
      }
    } else if (entry.kind === 'helpdesk.callback' || entry.kind === 'mail.send') {
      steps.push({ do: 'skip', position });
    } else if (entry.kind === 'room.make' || entry.kind === 'room.destroy') {
      addRoom(steps, position, entry);
    } else if (isRoomStep(entry)) {
      steps.push({ do: 'room', position, entry });
    } else {
      if (entry.kind === 'xmpp.offline' || entry.kind === 'account.remove') {
        dropIdlePresence(steps, presence);
        presence = null;
      }
      steps.push({ do: 'account', position, entry });
    }
  }
  return steps;
}

const STANZAS: ReadonlySet<string> = new Set<StanzaEntry['kind']>([
  ...(['xmpp.message', 'xmpp.chat-state', 'xmpp.receipt', 'xmpp.displayed', 'room.message'] as const),
  ...(['room.chat-state', 'room.subject'] as const),
]);

function isStanza(entry: OutboxEntry): entry is StanzaEntry {
  return STANZAS.has(entry.kind);
}

function isRoomStep(entry: OutboxEntry): entry is RoomStepEntry {
  return entry.kind.startsWith('room.');
}

function addRoom(steps: Step[], position: number, { kind: what, room }: WholeRoomEntry): void {
  const last = steps.at(-1);
  if (last?.do === 'rooms' && last.what === what) {
    last.positions.push(position);
    last.rooms.push(room);
  } else {
    steps.push({ do: 'rooms', what, positions: [position], rooms: [room] });
  }
}

function addStanza(steps: Step[], position: number, entry: StanzaEntry): void {
  const last = steps.at(-1);
  if (last?.do === 'send') {
    last.stanzas.push({ position, entry });
  } else {
    steps.push({ do: 'send', stanzas: [{ position, entry }] });
  }
}

/** A login only to log out again. */
function dropIdlePresence(steps: Step[], presence: Step | null): void {
  if (presence?.do === 'presence' && steps.at(-1) === presence) {
    steps.pop();
    steps.push(...presence.positions.map((position): Step => ({ do: 'skip', position })));
  }
}
