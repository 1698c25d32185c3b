import type { Transactions } from '../ports.js';
import { stopWatching } from './watch.js';

/** Watches of one look. */
const AT_ONCE = 200;

/** Who was away for longer than the department's grace watches no more, nor who may no longer, nor anybody a chat that is over. @returns how many */
export async function endWatches(transactions: Transactions): Promise<number> {
  let ended = 0;
  for (const { chatId } of await transactions.alone((tx) => tx.supervision.overdue(AT_ONCE, null)))
    ended += await transactions.alone(async (tx) => {
      const chat = await tx.chats.lock(chatId);
      // Looked at again under its lock: somebody may be back.
      const still = chat ? await tx.supervision.overdue(AT_ONCE, chatId) : [];
      for (const { operatorId } of still) {
        const operator = await tx.operators.get(operatorId);
        if (chat && operator) await stopWatching(tx, chat, operator, 'system');
      }
      return still.length;
    });
  return ended;
}
