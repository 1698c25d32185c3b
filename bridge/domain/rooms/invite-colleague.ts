import { bareJid as jidOf } from '../accounts/account.js';
import type { Chat } from '../chats/chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { bareJid } from '../../shared/jid.js';
import { inviteInto } from './direct-operator.js';
import { makeRoom } from './make-room.js';
import { enterAsService, enterRoom, roomOfChat } from './room-talk.js';
import { LINES, sayBefore } from './said-before.js';
import type { Room } from './room.js';

/** Occupants of a room that a chat becomes. */
const MAX_OCCUPANTS = 20;

/**
 * A colleague is asked into the chat's room, which is made if there is none: what was said before stands there, the visitor takes part, and the operator goes on in
 * the contact's window. The chat must be locked, and have an owner.
 * @returns why not; null: it is invited
 */
export async function inviteColleague(
  tx: Tx,
  chat: Chat,
  from: Operator,
  colleague: Operator,
): Promise<'room_banned' | 'room_is_full' | null> {
  const room = (await roomOfChat(tx, chat)) ?? (await becomeRoom(tx, chat, from));
  if ((await tx.rooms.bans(room.id)).some(({ operatorId }) => operatorId === colleague.id)) return 'room_banned';
  if (await isFull(tx, room, chat)) return 'room_is_full';
  const visitor = await tx.visitors.peek(chat.visitorId);
  await inviteInto(tx, room, colleague, 'room_invited', {
    ...{ from: from.name, number: chat.number, visitor: visitor?.nick ?? `Visitor ${chat.visitorId}` },
  });
  return null;
}

/** The visitor's place is kept while it isn't in the room. */
async function isFull(tx: Tx, room: Room, chat: Chat): Promise<boolean> {
  const visitor = await tx.accounts.get(chat.accountId);
  const present = (await tx.rooms.occupants(room.id)).filter((one) => one.present).map(({ jid }) => bareJid(jid));
  const kept = visitor && present.includes(jidOf(visitor)) ? 0 : 1;
  return present.length + kept >= room.maxOccupants;
}

/** The chat takes place in a room too from now on. @param operator who reads what was said before in its language */
export async function becomeRoom(tx: Tx, chat: Chat, operator: Operator): Promise<Room> {
  const room = await makeRoom(tx, {
    ...{ instanceId: chat.instanceId, departmentId: chat.departmentId, purpose: 'chat' },
    ...{ title: `Chat ${chat.number}`, maxOccupants: MAX_OCCUPANTS, operatorId: operator.id, chatId: chat.id },
  });
  chat.roomId = room.id;
  enterAsService(tx, room);
  await sayBefore(
    tx,
    room,
    chat,
    await tx.messages.list(chat.id, Math.max(0, chat.lastNumber - LINES), LINES),
    operator,
  );
  await enterRoom(tx, room, chat);
  return room;
}
