import { isOpen } from '../chats/chat.js';
import type { Transactions, Tx } from '../ports.js';
import type { Upkeep } from '../upkeep.js';
import type { Account } from './account.js';

/** Accounts of one run: the rest is for the next one. */
const AT_ONCE = 200;

/**
 * Takes the accounts away that nobody used for so many days: from ejabberd with roster entry, vCard and archive; the visitor's row and the record stay. Never
 * one that has an open chat. @returns how many were marked; call again while it isn't 0
 */
export async function expireAccounts(upkeep: Upkeep, transactions: Transactions, days: number): Promise<number> {
  const expired = await upkeep.expiredAccounts(days, AT_ONCE);
  let marked = 0;
  for (const account of expired) if (await transactions.alone((tx) => remove(tx, account))) marked += 1;
  return marked;
}

/** Looked at again under the visitor's lock: a page view that came in between keeps the account. */
async function remove(tx: Tx, account: Account): Promise<boolean> {
  const found = await tx.visitors.byAccount(account.id);
  const visitor = found && (await tx.visitors.lock(found.id));
  const latest = visitor?.openChatId ?? (await tx.chats.latestOfAccount(account.id));
  const chat = latest === undefined ? undefined : await tx.chats.lock(latest);
  if (visitor?.online === true || (chat && isOpen(chat))) return false;
  tx.accounts.setState(account.id, 'removing');
  tx.outbox.toAccount(account, { kind: 'account.remove' });
  return true;
}
