import { FoyerError } from '../../shared/errors.js';
import { isOpen } from '../chats/chat.js';
import { closeChat } from '../chats/close-chat.js';
import type { Transactions, Tx } from '../ports.js';
import type { Upkeep } from '../upkeep.js';
import type { Account } from '../accounts/account.js';
import { moveRoom } from '../rooms/move-room.js';
import { isOpenRoom } from '../rooms/room.js';
import type { Visitor } from './visitor.js';
import type { ChatOfVisitor } from './visitor-store.js';

/** Visitors of one run: the rest is for the next one. */
const AT_ONCE = 50;

/**
 * Forgets a person: what it said and was told, who it was, its accounts with roster entry, vCard and archive, and its messages in its operators' archives. What
 * stays is that there were chats, when, with whom and how they were rated, for the figures. The helpdesk is told, so that it can do the same. Once more changes
 * nothing.
 * @returns the chats whose words are gone
 * @throws FoyerError `not_found`
 */
export async function eraseVisitor(tx: Tx, instanceId: number, visitorId: number, actor: string): Promise<number[]> {
  const visitor = await tx.visitors.lock(visitorId);
  if (visitor?.instanceId !== instanceId) throw new FoyerError('not_found', 'There is no such visitor.');
  const open = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
  if (open && isOpen(open)) await closeChat(tx, open, 'helpdesk');
  const chats = await tx.visitors.chats(visitorId);
  await endRooms(tx, chats);
  const operators = await tx.transcripts.operators(chats.map(({ id }) => id));
  const accounts = await accountsOf(tx, visitor, chats);
  // Before what the outbox is given below: words that wait there are not to leave any more.
  const isOwn = ({ pooled, id }: Account) => !pooled || id === visitor.accountId;
  await tx.visitors.eraseRecord(visitor, chats, {
    own: accounts.filter(isOwn).map(({ id }) => id),
    others: accounts.filter((account) => !isOwn(account)).map(({ id }) => id),
  });
  for (const account of accounts) removeAccount(tx, account, operators, isOwn(account));
  const data = { visitor: { id: visitor.id, external_id: visitor.externalId } };
  const instance = await tx.instances.get(instanceId);
  if (!visitor.erased) tx.outbox.toHelpdesk(instance, `v${visitor.id}`, 'visitor.erased', data);
  forget(visitor);
  tx.audit.add({
    ...{ instanceId, actor, action: 'visitor.erase', subject: `visitor:${visitorId}` },
    details: { chats: chats.map(({ number }) => number) },
  });
  return chats.map(({ id }) => id);
}

/**
 * Erases visitors who weren't there for so many days, or as many as their instance says. @param days null: only where it says some. @returns how many; call
 * again while it isn't 0
 */
export async function eraseOldVisitors(
  upkeep: Upkeep,
  transactions: Transactions,
  days: number | null,
): Promise<number> {
  const old = await upkeep.oldVisitors(days, AT_ONCE);
  for (const { id, instanceId } of old)
    await transactions.alone((tx) => eraseVisitor(tx, instanceId, id, 'job:erase-old-visitors'));
  return old.length;
}

/** What was said in a room stays on ejabberd for as long as there is the room. */
async function endRooms(tx: Tx, chats: readonly ChatOfVisitor[]): Promise<void> {
  for (const { id } of await tx.rooms.openOf(chats.map((chat) => chat.id))) {
    const room = await tx.rooms.lock(id);
    if (room && isOpenRoom(room)) await moveRoom(tx, room, 'closed', 'erased');
  }
}

/** Those that stood for the visitor: never the service account, which does while a chat waits for a contact. */
async function accountsOf(tx: Tx, { accountId }: Visitor, chats: readonly ChatOfVisitor[]): Promise<Account[]> {
  const ids = new Set([...chats.map((chat) => chat.accountId), accountId].filter((id) => id !== null));
  const found = await Promise.all([...ids].map((id) => tx.accounts.get(id)));
  return found.filter((account) => account !== undefined).filter(({ kind }) => kind !== 'service');
}

/** What an account is called that was somebody's. */
const NAMELESS = '–';

/** @param isOwn whether it is the visitor's at this moment: one of a pool may be somebody else's by now, and stays there */
function removeAccount(tx: Tx, account: Account, operators: readonly string[], isOwn: boolean): void {
  if (isOwn) tx.accounts.setName(account.id, NAMELESS);
  if (account.state === 'removed') return;
  if (account.pooled) {
    for (const operator of operators) tx.outbox.toAccount(account, { kind: 'archive.forget', operator });
    if (!isOwn) return;
    tx.accounts.setPresence(account.id, { online: false, nick: '', status: '' });
    tx.outbox.toAccount(account, { kind: 'account.rename', name: NAMELESS });
    tx.outbox.toAccount(account, { kind: 'xmpp.offline' });
    return;
  }
  tx.accounts.setPresence(account.id, { online: false, nick: '', status: '' });
  tx.accounts.setState(account.id, 'removing');
  for (const operator of operators) tx.outbox.toAccount(account, { kind: 'archive.forget', operator });
  tx.outbox.toAccount(account, { kind: 'account.remove' });
}

function forget(visitor: Visitor): void {
  Object.assign(visitor, {
    ...{ externalId: null, nick: null, email: null, language: null, pageUrl: null, pageTitle: null, referrer: null },
    ...{ userAgent: null, custom: {}, accountId: null, openChatId: null, online: false, erased: true },
    ...{ greeted: [], member: false },
  } satisfies Partial<Visitor>);
}
