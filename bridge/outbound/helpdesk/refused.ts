import { messageRefused } from '../../domain/chats/message-refused.js';
import type { GivenUp } from '../../domain/outbox/lane.js';
import type { Transactions } from '../../domain/ports.js';

/** Operators' messages among what helpdesks refused: whoever wrote one is told. */
export function recordRefused(transactions: Transactions): (dead: readonly GivenUp[]) => Promise<void> {
  return async (dead) => {
    for (const { entry, refusal } of dead) {
      if (refusal === undefined || entry.entry.kind !== 'helpdesk.callback' || entry.entry.type !== 'operator.message')
        continue;
      const { chat, message } = entry.entry.data as { chat: { id: number }; message: { number: number } };
      await transactions.alone((tx) => messageRefused(tx, chat.id, message.number, refusal));
    }
  };
}
