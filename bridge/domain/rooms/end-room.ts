import type { Chat } from '../chats/chat.js';
import type { Tx } from '../ports.js';
import { moveRoom } from './move-room.js';
import { isOpenRoom } from './room.js';
import { leaveRoom } from './room-talk.js';

/** The chat is over, and with it the room that was made for it, and who watched; a room of a pool ends when its operator leaves. The chat must be locked. */
export async function endRoomOf(tx: Tx, chat: Chat): Promise<void> {
  if (chat.roomId !== null) tx.supervision.endAll(chat.id);
  await leaveOwnRoom(tx, chat);
}

/** The chat takes place in its room no more; one that was made for it is over. The chat must be locked. */
export async function leaveOwnRoom(tx: Tx, chat: Chat): Promise<void> {
  const room = chat.roomId === null ? undefined : await tx.rooms.lock(chat.roomId);
  leaveRoom(tx, chat);
  if (room?.purpose === 'chat' && isOpenRoom(room)) await moveRoom(tx, room, 'closed', 'chat_over');
}
