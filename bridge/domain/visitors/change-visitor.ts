import type { Chat } from '../chats/chat.js';
import { isOpen } from '../chats/chat.js';
import { notifyAboutChat, readersOf } from '../chats/notify-operator.js';
import type { Tx } from '../ports.js';
import { describeVisitor, rosterName, statusText, type Visitor, type VisitorDetails } from './visitor.js';

/**
 * Something is known of a chat's visitor that wasn't before, without a page being viewed. Its contact gets the name; operators' clients show that at once while
 * the visitor is online, else at their next login, so that those who have the chat are told. Chat and visitor must be locked.
 */
export async function changeVisitor(tx: Tx, chat: Chat, visitor: Visitor, details: VisitorDetails): Promise<void> {
  const before = { nick: visitor.nick, name: rosterName(visitor), status: statusText(visitor) };
  describeVisitor(visitor, details);
  const name = rosterName(visitor);
  const status = statusText(visitor);
  const account = await tx.accounts.get(chat.accountId);
  if (account && name !== before.name) {
    tx.accounts.setName(account.id, name);
    if (account.state === 'ready') tx.outbox.toAccount(account, { kind: 'account.rename', name });
  }
  if (
    account &&
    visitor.online &&
    account.id === visitor.accountId &&
    (name !== before.name || status !== before.status)
  ) {
    tx.accounts.setPresence(account.id, { online: true, nick: name, status });
    tx.outbox.toAccount(account, { kind: 'xmpp.presence', nick: name, status });
  }
  if (!isOpen(chat) || visitor.nick === null || visitor.nick === before.nick) return;
  for (const reader of await readersOf(tx, chat))
    notifyAboutChat(tx, chat, reader, { key: 'renamed', values: { name: visitor.nick } });
}
