import type { Account } from '../accounts/account.js';
import type { Tx } from '../ports.js';
import type { Chat } from './chat.js';

/** The open chat behind a contact, or the last one; locked. */
export async function latestChat(tx: Tx, account: Account): Promise<Chat | undefined> {
  const visitor = await tx.visitors.byAccount(account.id);
  const id = visitor ? (visitor.openChatId ?? visitor.lastChatId) : await tx.chats.latestOfAccount(account.id);
  return id == null ? undefined : tx.chats.lock(id);
}
