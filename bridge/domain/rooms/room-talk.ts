import type { Chat } from '../chats/chat.js';
import type { Message } from '../chats/message.js';
import type { Tx } from '../ports.js';
import { cut } from '../../shared/text.js';
import { owner } from './make-room.js';
import { isOpenRoom, roomJid, type Room } from './room.js';

/** The service account's nick. */
const SERVICE_NICK = 'Foyer';

/** The open room in which a chat takes place. */
export async function roomOfChat(tx: Tx, chat: Pick<Chat, 'roomId'>): Promise<Room | undefined> {
  const room = chat.roomId === null ? undefined : await tx.rooms.peek(chat.roomId);
  return room && isOpenRoom(room) ? room : undefined;
}

/** The visitor's account becomes an occupant, or is one again. */
export async function enterRoom(tx: Tx, room: Room, chat: Chat): Promise<void> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  const nick = cut(visitor?.nick ?? `Visitor ${chat.visitorId}`, 100);
  tx.outbox.toAccount(contact(chat), { kind: 'room.join', room: room.id, nick });
}

/** The service account becomes an occupant: it speaks for those who aren't in the room. */
export function enterAsService(tx: Tx, room: Room): void {
  tx.outbox.toAccount(owner(room), { kind: 'room.join', room: room.id, nick: SERVICE_NICK });
}

/** Takes the visitor out of its room; the room stays. The chat must be locked. */
export function leaveRoom(tx: Tx, chat: Chat): void {
  if (chat.roomId === null) return;
  tx.outbox.toAccount(contact(chat), { kind: 'room.leave', room: chat.roomId });
  chat.roomId = null;
}

/** The visitor's words, by its own account. */
export function sayInRoom(tx: Tx, room: Room, chat: Chat, { number, text }: Pick<Message, 'number' | 'text'>): void {
  tx.outbox.toAccount(contact(chat), {
    ...{ kind: 'room.message', to: roomJid(room), id: roomStanzaId(room, chat.id, number, 0), body: text },
    // Beside the contact's window the record follows what happens there.
    ...(room.purpose === 'pool' ? { track: { chatId: chat.id, number } } : {}),
  });
}

/** Another text in place of what was said: by the visitor, or relayed. A room can't be asked to forget words by whoever doesn't know the archive's id (XEP-0424). */
export function sayInPlace(
  tx: Tx,
  room: Room,
  chat: Chat,
  message: Message,
  author: string | null,
  text: string,
): void {
  const { number, sender } = message;
  const visitors = sender === 'visitor';
  tx.outbox.toAccount(visitors ? contact(chat) : owner(room), {
    ...{ kind: 'room.message', to: roomJid(room), id: `foyer-relay.${tx.newId()}` },
    body: author === null || visitors ? text : `${author}: ${text}`,
    replaces: visitors ? roomStanzaId(room, chat.id, number, 0) : relayId(chat.id, number),
  });
}

/** The visitor began or stopped typing. */
export function typeInRoom(tx: Tx, room: Room, chat: Chat, typing: boolean): void {
  const state = typing ? 'composing' : 'paused';
  tx.outbox.toAccount(contact(chat), { kind: 'room.chat-state', to: roomJid(room), state });
}

/** The room has the topic that the record has; the service account says it. */
export function showTopic(tx: Tx, room: Room): void {
  if (room.purpose === 'pool') enterAsService(tx, room);
  const id = `foyer-topic.${tx.newId()}`;
  tx.outbox.toAccount(owner(room), { kind: 'room.subject', to: roomJid(room), id, subject: room.subject });
}

/** Words of somebody who isn't in the room, or Foyer's own where there is no author. @param message that they are in the record */
export function relayIntoRoom(
  tx: Tx,
  room: Room,
  author: string | null,
  text: string,
  message?: Pick<Message, 'chatId' | 'number'>,
): void {
  if (room.purpose === 'pool') enterAsService(tx, room);
  tx.outbox.toAccount(owner(room), {
    ...{ kind: 'room.message', to: roomJid(room) },
    id: message ? relayId(message.chatId, message.number) : `foyer-relay.${tx.newId()}`,
    body: author === null ? text : `${author}: ${text}`,
  });
}

/** Again into a room that had thrown the account out meanwhile: under another id, since the first one was routed. */
export async function sayAgain(tx: Tx, chat: Chat, message: Message, tries: number): Promise<boolean> {
  const room = await roomOfChat(tx, chat);
  if (!room || tries > MOST_TRIES) return false;
  await enterRoom(tx, room, chat);
  tx.outbox.toAccount(contact(chat), {
    ...{ kind: 'room.message', to: roomJid(room), id: roomStanzaId(room, chat.id, message.number, tries) },
    body: message.text,
    ...(room.purpose === 'pool' ? { track: { chatId: chat.id, number: message.number } } : {}),
  });
  return true;
}

const MOST_TRIES = 5;
const STANZA_ID = /^foyer-room\.\d{1,15}\.(\d{1,15})\.(\d{1,9})\.(\d)$/;

function relayId(chatId: number, number: number): string {
  return `foyer-relay.${chatId}.${number}`;
}

/** Names the room too: said in another one it is no repeat. */
function roomStanzaId({ id }: Room, chatId: number, number: number, tries: number): string {
  return `foyer-room.${id}.${chatId}.${number}.${tries}`;
}

/** The message that a bounce out of a room is about; null for any other id. */
export function parseRoomStanzaId(id: string): { chatId: number; number: number; tries: number } | null {
  const match = STANZA_ID.exec(id);
  return match ? { chatId: Number(match[1]), number: Number(match[2]), tries: Number(match[3]) } : null;
}

function contact({ accountId, instanceId }: Chat): { id: number; instanceId: number } {
  return { id: accountId, instanceId };
}
