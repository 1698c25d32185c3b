import type { Tx } from '../ports.js';
import type { Instance } from '../instances/instance.js';
import { rosterName, type Visitor } from '../visitors/visitor.js';
import type { Account } from './account.js';
import { rosterGroup, visitorLocal } from './jid-names.js';

/** The account of a known visitor; made, or made anew after the clean-up took it away. The visitor must be locked. */
export async function ensureVisitorAccount(tx: Tx, instance: Instance, visitor: Visitor): Promise<Account> {
  const local = visitorLocal({ kind: 'visitor', id: visitor.id, instance: instance.name });
  const existing = await accountOf(tx, instance, visitor, local);
  if (existing) {
    visitor.accountId = existing.id;
    return revive(tx, existing);
  }
  const account = await tx.accounts.create({
    instanceId: instance.id,
    kind: 'visitor',
    local,
    host: instance.host,
    name: rosterName(visitor),
    rosterGroup: rosterGroup('visitors', instance.name),
  });
  visitor.accountId = account.id;
  tx.outbox.toAccount(account, { kind: 'account.provision' });
  return account;
}

/** Who has had an account of a pool may have one of its own, from another desk. */
async function accountOf(tx: Tx, { host }: Instance, visitor: Visitor, local: string): Promise<Account | undefined> {
  if (visitor.accountId !== null) return tx.accounts.get(visitor.accountId);
  return visitor.lastChatId === null ? undefined : tx.accounts.byJid(host, local);
}

/** An account that stands for one chat whose visitor isn't known: a helpdesk that has only a session. */
export async function createChatAccount(tx: Tx, instance: Instance, chatId: number, name: string): Promise<Account> {
  const account = await tx.accounts.create({
    instanceId: instance.id,
    kind: 'chat',
    local: visitorLocal({ kind: 'chat', id: chatId, instance: instance.name }),
    host: instance.host,
    name,
    rosterGroup: rosterGroup('visitors', instance.name),
  });
  tx.outbox.toAccount(account, { kind: 'account.provision' });
  // Nobody views pages for it: it is there as long as its chat is open.
  tx.accounts.setPresence(account.id, { online: true, nick: name, status: '' });
  tx.outbox.toAccount(account, { kind: 'xmpp.presence', nick: name, status: '' });
  return account;
}

/** The chat is over: an account that stood for it alone is no longer there, one of a pool goes back to it. */
export async function endChatAccount(tx: Tx, accountId: number): Promise<void> {
  const account = await tx.accounts.get(accountId);
  if (account?.pooled === true) tx.pools.endAfterDelay(accountId);
  if (account?.kind !== 'chat') return;
  tx.accounts.setPresence(account.id, { online: false, nick: '', status: '' });
  tx.outbox.toAccount(account, { kind: 'xmpp.offline' });
}

function revive(tx: Tx, account: Account): Account {
  if (account.state !== 'removing' && account.state !== 'removed') return account;
  tx.accounts.setState(account.id, 'wanted');
  tx.outbox.toAccount(account, { kind: 'account.provision' });
  return { ...account, state: 'wanted' };
}
