import type { Transactions } from '../ports.js';
import type { Upkeep } from '../upkeep.js';
import { freeAccount, giveContact } from './account-pool.js';

/** Of one run: the rest is for the next one. */
const AT_ONCE = 100;

/** Frees accounts of pools whose time is over, and gives those that are free to the chats that wait for one, oldest first. */
export async function returnAccounts(
  upkeep: Upkeep,
  transactions: Transactions,
): Promise<{ freed: number; given: number }> {
  let [freed, given] = [0, 0];
  for (const { leaseId, visitorId } of await upkeep.endedLeases(AT_ONCE))
    if (await transactions.alone((tx) => freeAccount(tx, leaseId, visitorId))) freed += 1;
  for (const { chatId, visitorId } of await upkeep.chatsWithoutContact(AT_ONCE))
    if (await transactions.alone((tx) => giveContact(tx, chatId, visitorId))) given += 1;
  return { freed, given };
}
