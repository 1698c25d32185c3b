import type { Chat } from '../chats/chat.js';
import { takeChat } from '../chats/take-chat.js';
import { bareJid } from '../../shared/jid.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { whoIs } from './put-out.js';
import { roomOfChat } from './room-talk.js';

/**
 * The owner of a chat in a pool's room has gone, and somebody else who is in it goes on: who came first. Chat and queue must be locked.
 * @returns the new owner; undefined: nobody else is there, or the chat takes place with a contact
 */
export async function passOn(tx: Tx, chat: Chat): Promise<Operator | undefined> {
  const room = await roomOfChat(tx, chat);
  if (room?.purpose !== 'pool') return undefined;
  const present = (await tx.rooms.occupants(room.id)).filter((one) => one.present && one.role !== 'visitor');
  for (const { jid } of present.sort((a, b) => a.reportedAt.getTime() - b.reportedAt.getTime())) {
    const one = await whoIs(tx, room, chat, bareJid(jid));
    if (one.who !== 'operator' || one.operator.id === chat.operatorId || one.operator.disabled) continue;
    room.operatorId = one.operator.id;
    await tx.rooms.update(room);
    await takeChat(tx, chat, one.operator);
    return one.operator;
  }
  return undefined;
}
