import { isOpen, type Chat } from '../chats/chat.js';
import type { Tx } from '../ports.js';
import type { Room } from './room.js';

/** Somebody types in a chat's room, or no longer: the page names all who do. The chat must be locked. */
export async function typeInRoomOf(tx: Tx, room: Room, chat: Chat, name: string, typing: boolean): Promise<void> {
  if (!isOpen(chat) || chat.roomId !== room.id) return;
  const names = await tx.rooms.noteTyping(room.id, name, typing);
  tx.feed.append(chat, { kind: 'typing', typing: names.length > 0, name: names.length > 0 ? names.join(', ') : name });
}

/** Who has said something types no longer. To a page each message says that nobody does: it is told who goes on. */
export async function saidInRoom(tx: Tx, room: Room, chat: Chat, name: string): Promise<void> {
  const names = await tx.rooms.noteTyping(room.id, name, false);
  if (names.length > 0) tx.feed.append(chat, { kind: 'typing', typing: true, name: names.join(', ') });
}
