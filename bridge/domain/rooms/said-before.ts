import type { Chat } from '../chats/chat.js';
import type { Message } from '../chats/message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say } from '../texts/say.js';
import { cut } from '../../shared/text.js';
import { relayIntoRoom } from './room-talk.js';
import type { Room } from './room.js';

/** As a colleague reads them on entering. */
export const LINES = 20;
/** Characters. */
const LINE_LENGTH = 500;

/** What was said in a chat before it came into the room stands there in one message, the last lines of it. @param reader in whose language it is called so */
export async function sayBefore(
  tx: Tx,
  room: Room,
  chat: Chat,
  messages: readonly Message[],
  reader: Operator,
): Promise<void> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  const lines: string[] = [];
  for (const { sender, operatorId, authorName, text, deletedAt } of messages.slice(-LINES)) {
    if (deletedAt !== null) continue;
    const author = operatorId === null ? undefined : await tx.operators.get(operatorId);
    const name = sender === 'visitor' ? (visitor?.nick ?? `Visitor ${chat.visitorId}`) : (author?.name ?? authorName);
    lines.push(`${name === null ? '' : `${name}: `}${cut(text, LINE_LENGTH)}`);
  }
  if (lines.length === 0) return;
  relayIntoRoom(tx, room, null, [say(reader.language, { key: 'room_before' }), ...lines].join('\n'));
}
