import { isOpen, type Chat } from '../chats/chat.js';
import { mayInRoom, type RoomRights } from '../rooms/rights.js';
import { isOpenRoom, type Room } from '../rooms/room.js';
import { refusal, type Text } from '../texts/say.js';
import { chooseChat } from './choose-chat.js';
import type { Call } from './command.js';
import { takeNumber } from './parse-command.js';

export type ChosenRoom = { room: Room; chat: Chat | undefined; rest: string } | { text: Text };

/**
 * The room that a command is about: the one in which it was typed, or that of the chat. Room and chat are locked.
 * @param right what the operator must be allowed there
 */
export async function chooseRoom(call: Call, word: string, right: keyof RoomRights): Promise<ChosenRoom> {
  const { tx, operator } = call;
  const here = call.room && takeNumber(call.rest).number === null ? call.room : undefined;
  let found: { roomId: number | null; rest: string };
  if (here) found = { roomId: here.id, rest: call.rest };
  else {
    const chosen = await chooseChat(call, word, () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen;
    if (!isOpen(chosen.chat)) return { text: refusal('chat_over', { number: chosen.chat.number }) };
    found = { roomId: chosen.chat.roomId, rest: chosen.rest };
  }
  const chatId = found.roomId === null ? null : ((await tx.rooms.peek(found.roomId))?.chatId ?? null);
  const chat = chatId === null ? undefined : await tx.chats.lock(chatId);
  const room = found.roomId === null ? undefined : await tx.rooms.lock(found.roomId);
  if (!room || !isOpenRoom(room) || room.instanceId !== operator.instanceId) return { text: refusal('no_room_here') };
  if (!(await mayInRoom(tx, room, operator, right))) return { text: refusal('no_right') };
  return { room, chat, rest: found.rest };
}
