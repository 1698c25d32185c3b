import { isOpen } from '../chats/chat.js';
import type { Tx } from '../ports.js';
import { cleanText, cut } from '../../shared/text.js';
import { isOpenRoom, type Room } from './room.js';
import { noteOnPage } from './room-notes.js';
import { showTopic } from './room-talk.js';

/** Characters. */
export const TOPIC_LENGTH = 1000;

/** The room's topic is another, by an occupant's client; the page says so. */
export async function recordSubject(tx: Tx, found: Room, subject: string): Promise<void> {
  await changeSubject(tx, found, subject);
}

/** The room's topic is another, by Foyer's word: who comes in later is told by the room. */
export async function setTopic(tx: Tx, found: Room, topic: string): Promise<void> {
  const room = await changeSubject(tx, found, topic);
  if (room) showTopic(tx, room);
}

/** @returns undefined: it is the same, or the room is over */
async function changeSubject(tx: Tx, found: Room, subject: string): Promise<Room | undefined> {
  const chat = found.chatId === null ? undefined : await tx.chats.lock(found.chatId);
  const room = await tx.rooms.lock(found.id);
  const clean = cut(cleanText(subject), TOPIC_LENGTH);
  if (!room || !isOpenRoom(room) || room.subject === clean) return undefined;
  room.subject = clean;
  await tx.rooms.update(room);
  if (chat && isOpen(chat) && chat.roomId === room.id && clean !== '')
    await noteOnPage(tx, chat, { key: 'room_topic', values: { topic: clean } });
  return room;
}
