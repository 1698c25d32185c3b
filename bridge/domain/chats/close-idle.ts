import type { Transactions, Tx } from '../ports.js';
import type { IdleChat, Upkeep } from '../upkeep.js';
import { isOpen } from './chat.js';
import { closeChat } from './close-chat.js';

/** Chats of one look. */
const AT_ONCE = 200;

/**
 * Ends the chats that were left: their accounts would otherwise stay on the operators' lists for good. @returns how many were closed; call again while it
 * isn't 0
 */
export async function closeIdleChats(upkeep: Upkeep, transactions: Transactions, hours: number): Promise<number> {
  let closed = 0;
  for (const found of await upkeep.idleChats(hours, AT_ONCE))
    if (await transactions.alone((tx) => close(tx, found))) closed += 1;
  return closed;
}

/** Looked at again under its lock: somebody may have written, or come back, in between. */
async function close(tx: Tx, found: IdleChat): Promise<boolean> {
  const visitor = await tx.visitors.lock(found.visitorId);
  const chat = await tx.chats.lock(found.id);
  if (!chat || !isOpen(chat) || chat.lastNumber !== found.lastNumber) return false;
  if (visitor?.online === true && chat.initiator !== 'helpdesk') return false;
  await closeChat(tx, chat, 'system');
  return true;
}
