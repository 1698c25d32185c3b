import type { Chat } from '../chats/chat.js';
import { say } from '../texts/say.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { cut } from '../../shared/text.js';
import { inviteInto } from './direct-operator.js';
import { makeRoom } from './make-room.js';
import { enterAsService, enterRoom, relayIntoRoom, roomOfChat } from './room-talk.js';
import type { Room } from './room.js';

/** Occupants of a room that a chat becomes. */
const MAX_OCCUPANTS = 20;
/** What was said before, as a colleague reads it on entering. */
const LINES = 20;
const LINE_LENGTH = 500;

/**
 * A colleague is asked into the chat's room, which is made if there is none: what was said before stands there, the visitor takes part, and the operator goes on in
 * the contact's window. The chat must be locked, and have an owner.
 */
export async function inviteColleague(tx: Tx, chat: Chat, from: Operator, colleague: Operator): Promise<void> {
  const room = (await roomOfChat(tx, chat)) ?? (await becomeRoom(tx, chat, from));
  const visitor = await tx.visitors.peek(chat.visitorId);
  inviteInto(tx, room, colleague, 'room_invited', {
    ...{ from: from.name, number: chat.number, visitor: visitor?.nick ?? `Visitor ${chat.visitorId}` },
  });
}

async function becomeRoom(tx: Tx, chat: Chat, operator: Operator): Promise<Room> {
  const room = await makeRoom(tx, {
    ...{ instanceId: chat.instanceId, departmentId: chat.departmentId, purpose: 'chat' },
    ...{ title: `Chat ${chat.number}`, maxOccupants: MAX_OCCUPANTS, operatorId: operator.id, chatId: chat.id },
  });
  chat.roomId = room.id;
  enterAsService(tx, room);
  const lines = await lastLines(tx, chat);
  if (lines !== '') relayIntoRoom(tx, room, null, `${say(operator.language, { key: 'room_before' })}\n${lines}`);
  await enterRoom(tx, room, chat);
  return room;
}

async function lastLines(tx: Tx, chat: Chat): Promise<string> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  const lines: string[] = [];
  for (const { sender, operatorId, authorName, text } of await tx.messages.list(
    chat.id,
    Math.max(0, chat.lastNumber - LINES),
    LINES,
  )) {
    const author = operatorId === null ? undefined : await tx.operators.get(operatorId);
    const name = sender === 'visitor' ? (visitor?.nick ?? `Visitor ${chat.visitorId}`) : (author?.name ?? authorName);
    lines.push(`${name === null ? '' : `${name}: `}${cut(text, LINE_LENGTH)}`);
  }
  return lines.join('\n');
}
