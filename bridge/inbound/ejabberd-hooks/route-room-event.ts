import { bareJid as jidOf } from '../../domain/accounts/account.js';
import { notifyAboutChat, notifyOperator } from '../../domain/chats/notify-operator.js';
import type { ChatLimits } from '../../domain/chats/limits.js';
import { parseCommand } from '../../domain/commands/parse-command.js';
import type { Registry } from '../../domain/commands/registry.js';
import { runCommand } from '../../domain/commands/run-command.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import { postAside } from '../../domain/rooms/post-aside.js';
import { postRoomMessage } from '../../domain/rooms/post-room-message.js';
import { whoIs } from '../../domain/rooms/put-out.js';
import { recordOccupant, roomVanished } from '../../domain/rooms/record-occupant.js';
import type { Room } from '../../domain/rooms/room.js';
import { typeInRoomOf } from '../../domain/rooms/room-typing.js';
import { recordSubject } from '../../domain/rooms/topic.js';
import { isWatching } from '../../domain/supervision/watch.js';
import { assertNever } from '../../shared/assert-never.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { cut } from '../../shared/text.js';
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
      const { jid, nick, role, present, cause, actor, reason } = event;
      return recordOccupant(tx, room, { jid, nick, role, present, cause, actor, reason, at: new Date(event.at) });
    }
    case 'room_message':
      return routeRoomMessage(tx, context, room, event);
    case 'room_chat_state':
      return routeTyping(tx, room, event);
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
  const typed = parseCommand(event.body ?? '');
  const sent = {
    text: typed.kind === 'text' ? typed.text : (event.body ?? ''),
    senderKey: roomSenderKeyOf(event),
    stanzaId: event.stanza_id.length <= 190 ? event.stanza_id : '',
    writtenAt: new Date(event.at),
    replaces: event.replaces,
    retracts: event.retracts,
    archiveId: event.archive_id,
    unstyled: event.unstyled,
  };
  if (event.private && chat && operator && typed.kind === 'text' && event.retracts === undefined) {
    const to = event.to === undefined ? undefined : bareJid(event.to);
    return postAside(tx, limits, room, chat, { ...sent, operator, nick: event.nick, to });
  }
  const service = await tx.accounts.get(room.accountId);
  const toFoyer = event.to !== undefined && service !== undefined && event.to === jidOf(service);
  if (typed.kind === 'text' && toFoyer)
    return operator && notifyOperator(tx, service, operator, { key: 'service_help' });
  if (typed.kind === 'text' || (room.purpose === 'group' && !isRoomWord(commands, typed.word)))
    return postRoomMessage(tx, limits, room, { ...sent, operator, nick: event.nick });
  // What is typed in a room whose chat has a contact is answered in the contact's window.
  const account = (chat && (await tx.accounts.get(chat.accountId))) ?? service;
  if (!account || !operator) return;
  const context = { registry: commands, limits, room };
  const message = { ...sent, text: '', receiptRequested: false, markable: false };
  return runCommand(tx, context, account, operator, typed, message);
}

/** In a group people may begin what they say with any other. */
function isRoomWord(commands: Registry, word: string): boolean {
  return commands.find(word)?.inRooms === true;
}

/** After a while without the bridge nobody types any more who did. */
async function routeTyping(tx: Tx, room: Room, event: Extract<RoomEvent, { kind: 'room_chat_state' }>): Promise<void> {
  if (room.chatId === null || tx.now.getTime() - Date.parse(event.at) > CHAT_STATE_MS) return;
  const chat = await tx.chats.lock(room.chatId);
  if (!chat) return;
  const who = await whoIs(tx, room, chat, bareJid(event.jid));
  if (who.who === 'operator' && (await isWatching(tx, chat, who.operator))) return;
  const name = who.who === 'operator' ? who.operator.name : cut(event.nick, 100);
  if (who.who === 'operator' || who.who === 'stranger')
    await typeInRoomOf(tx, room, chat, name, event.state === 'composing');
}

const CHAT_STATE_MS = 10_000;

/** Who spoke in private is known by the nick. */
async function speakerOf(tx: Tx, room: Room, { jid, nick }: RoomMessage): Promise<Operator | undefined> {
  const full = jid ?? (await tx.rooms.occupants(room.id)).find((one) => one.nick === nick)?.jid ?? undefined;
  if (full === undefined) return undefined;
  const { host, local } = splitJid(bareJid(full));
  const account = await tx.accounts.byJid(host, local);
  return account && (await tx.operators.byAccount(account.id));
}
