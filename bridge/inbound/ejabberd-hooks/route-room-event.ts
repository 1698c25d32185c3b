import { notifyAboutChat } from '../../domain/chats/notify-operator.js';
import type { ChatLimits } from '../../domain/chats/limits.js';
import { retractFrom } from '../../domain/chats/retract-message.js';
import { parseCommand } from '../../domain/commands/parse-command.js';
import type { Registry } from '../../domain/commands/registry.js';
import { runCommand } from '../../domain/commands/run-command.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import { postRoomMessage, recordSubject } from '../../domain/rooms/post-room-message.js';
import { recordOccupant, roomVanished } from '../../domain/rooms/record-occupant.js';
import type { Room } from '../../domain/rooms/room.js';
import { assertNever } from '../../shared/assert-never.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import type { HookEvent } from './events.js';
import { roomSenderKeyOf } from './sender-key.js';

export type RoomEvent = Extract<HookEvent, { kind: `room_${string}` }>;
type RoomMessage = Extract<RoomEvent, { kind: 'room_message' }>;

/** Gives what happened in a room to its use case. A room that nobody here knows is no fault: it may be over, or its row is gone. */
export async function routeRoomEvent(
  tx: Tx,
  context: { limits: ChatLimits; commands: Registry },
  event: RoomEvent,
): Promise<void> {
  const { host, local } = splitJid(event.room);
  const room = await tx.rooms.byJid(host, local);
  if (!room) return;
  switch (event.kind) {
    case 'room_presence': {
      const { jid, nick, role, present, cause } = event;
      return recordOccupant(tx, room, { jid, nick, role, present, cause, at: new Date(event.at) });
    }
    case 'room_message':
      return routeRoomMessage(tx, context, room, event);
    case 'room_subject':
      return recordSubject(tx, room, event.subject);
    case 'room_destroyed':
      return roomVanished(tx, room, 'destroyed');
    default:
      return assertNever(event);
  }
}

async function routeRoomMessage(
  tx: Tx,
  { limits, commands }: { limits: ChatLimits; commands: Registry },
  room: Room,
  event: RoomMessage,
): Promise<void> {
  const operator = await speakerOf(tx, room, event);
  const chat = room.chatId === null ? undefined : await tx.chats.lock(room.chatId);
  if (event.encrypted !== undefined) {
    if (chat && operator) notifyAboutChat(tx, chat, operator, { key: 'encrypted' });
    return;
  }
  if (event.retracts !== undefined) {
    // A group's helpdesk takes nothing back.
    if (chat && operator) await retractFrom(tx, chat, operator, event.retracts);
    return;
  }
  const typed = parseCommand(event.body ?? '');
  const sent = {
    text: typed.kind === 'text' ? typed.text : (event.body ?? ''),
    senderKey: roomSenderKeyOf(event),
    stanzaId: event.stanza_id.length <= 190 ? event.stanza_id : '',
    writtenAt: new Date(event.at),
    replaces: event.replaces,
  };
  if (typed.kind === 'text' || room.purpose === 'group')
    return postRoomMessage(tx, limits, room, { ...sent, operator, nick: event.nick });
  const contact = chat && (await tx.accounts.get(chat.accountId));
  if (!contact || !operator) return;
  const context = { registry: commands, limits };
  const message = { ...sent, text: '', receiptRequested: false, markable: false };
  return runCommand(tx, context, contact, operator, typed, message);
}

/** Who spoke in private is known by the nick. */
async function speakerOf(tx: Tx, room: Room, { jid, nick }: RoomMessage): Promise<Operator | undefined> {
  const full = jid ?? (await tx.rooms.occupants(room.id)).find((one) => one.nick === nick)?.jid ?? undefined;
  if (full === undefined) return undefined;
  const { host, local } = splitJid(bareJid(full));
  const account = await tx.accounts.byJid(host, local);
  return account && (await tx.operators.byAccount(account.id));
}
