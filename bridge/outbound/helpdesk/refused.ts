import { messageRefused } from '../../domain/chats/message-refused.js';
import type { Refusal } from '../../domain/outbox/entry.js';
import type { GivenUp } from '../../domain/outbox/lane.js';
import type { Transactions, Tx } from '../../domain/ports.js';
import { groupMessageRefused } from '../../domain/rooms/group-callbacks.js';

/** Operators' messages among what helpdesks refused: whoever wrote one is told. */
export function recordRefused(transactions: Transactions): (dead: readonly GivenUp[]) => Promise<void> {
  return async (dead) => {
    for (const { entry, refusal } of dead) {
      if (refusal === undefined || entry.entry.kind !== 'helpdesk.callback') continue;
      const { type, data } = entry.entry;
      await transactions.alone((tx) => tellAuthor(tx, type, data, refusal));
    }
  };
}

async function tellAuthor(tx: Tx, type: string, data: Record<string, unknown>, refusal: Refusal): Promise<void> {
  if (type === 'operator.message') {
    const { chat, message } = data as { chat: { id: number }; message: { number: number } };
    await messageRefused(tx, chat.id, message.number, refusal);
  } else if (type === 'room.message') {
    const { author, text } = (data as { message: { author: { id: number } | null; text: string } }).message;
    if (author) await groupMessageRefused(tx, author.id, text, refusal);
  }
}
