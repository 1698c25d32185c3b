import type { Chat } from '../chats/chat.js';
import { cut } from '../../shared/text.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';

/** Why a chat that had an operator is given to another. */
export interface Handover {
  /** Who hands it over. */
  from: string;
  /** Private: the visitor never sees it. Empty when there is none. */
  note: string;
}

/** Lines of what was said before, that whoever takes a chat over is shown. */
const LINES = 6;
const LINE_LENGTH = 300;

/** The last lines of a chat with their authors, oldest first. */
async function lastLines(tx: Tx, chat: Chat): Promise<string> {
  const messages = await tx.messages.list(chat.id, Math.max(0, chat.lastNumber - LINES), LINES);
  const visitor = await tx.visitors.peek(chat.visitorId);
  const lines = [];
  for (const { sender, operatorId, authorName, text, deletedAt } of messages) {
    if (deletedAt !== null) continue;
    const operator = operatorId === null ? undefined : await tx.operators.get(operatorId);
    const author =
      sender === 'visitor' ? (visitor?.nick ?? `Visitor ${chat.visitorId}`) : (operator?.name ?? authorName);
    lines.push(`${author === null ? '' : `${author}: `}${cut(text.replaceAll('\n', ' '), LINE_LENGTH)}`);
  }
  return lines.join('\n');
}

/** What whoever takes a chat over reads first: why, the note, and the last lines. */
export async function tellHandover(
  tx: Tx,
  chat: Chat,
  operator: Operator,
  heading: {
    key: 'transfer_asked' | 'handed_over' | 'taken_by_you' | 'taken_over';
    values: Handover & Record<string, string | number>;
  },
): Promise<void> {
  const { note } = heading.values;
  const lines = await lastLines(tx, chat);
  notifyAboutChat(tx, chat, operator, heading, [...(note === '' ? [] : [note]), lines].join('\n'));
}
