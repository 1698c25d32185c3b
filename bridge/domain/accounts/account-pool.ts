import { notifyOperator } from '../chats/notify-operator.js';
import type { Desk, Instance } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import { rosterName, statusText, type Visitor } from '../visitors/visitor.js';
import type { Account } from './account.js';
import { poolLocal, rosterGroup } from './jid-names.js';

/** A fixed number of accounts that stand for the visitors of a desk who chat, each for one visitor at a time. */
export interface AccountPool {
  readonly size: number;
  /** A visitor who finds none free waits without contact, or is refused. */
  readonly whenUsedUp: 'queue' | 'refuse';
  /** How long an account stays its visitor's when the chat is over: what an operator writes until then reaches nobody else. */
  readonly sessionDelaySeconds: number;
}

export const MAX_POOL_SIZE = 500;

/** What rosters show for an account that is nobody's. */
const FREE = '–';

/** Makes as many accounts as the desk's pool should have; those that are too many go when they are free. The desk must be locked, or new. */
export async function resizePool(tx: Tx, { id, instanceId, pool }: Desk): Promise<void> {
  const missing = (pool?.size ?? 0) - (await tx.pools.size(id));
  if (missing < 0) for (const account of await tx.pools.dropFree(id, -missing)) remove(tx, account, instanceId);
  if (missing <= 0) return;
  const instance = await tx.instances.get(instanceId);
  for (let i = 0; i < missing; i += 1) await addAccount(tx, instance, id);
}

async function addAccount(tx: Tx, instance: Instance, deskId: number): Promise<void> {
  const id = await tx.pools.add(instance.id, deskId);
  const account = await tx.accounts.create({
    ...{ instanceId: instance.id, kind: 'visitor', host: instance.host, name: FREE, pooled: true },
    ...{ local: poolLocal(id, instance.name), rosterGroup: rosterGroup('visitors', instance.name) },
  });
  await tx.pools.setAccount(id, account.id);
  tx.outbox.toAccount(account, { kind: 'account.provision' });
}

/**
 * The account by which the visitor is on contact lists while it chats: the one that it has, or a free one, which takes the visitor's name and comes online. Who
 * waits for one already comes first. The visitor must be locked.
 * @returns undefined when all are used
 */
export async function takeFromPool(
  tx: Tx,
  desk: Pick<Desk, 'id'>,
  visitor: Visitor,
  { asFirst = false } = {},
): Promise<Account | undefined> {
  const own = visitor.accountId === null ? undefined : await tx.accounts.get(visitor.accountId);
  if (own?.pooled === true) {
    tx.pools.keep(own.id);
    return own;
  }
  if (!asFirst && (await tx.pools.wanted(desk.id))) return undefined;
  const taken = await tx.pools.take(desk.id, visitor.id);
  const account = taken === undefined ? undefined : await tx.accounts.get(taken);
  if (!account) return undefined;
  // A contact of its own, from another desk, would be the same person twice.
  if (own) goOffline(tx, own);
  visitor.accountId = account.id;
  const name = rosterName(visitor);
  rename(tx, account, name);
  tx.accounts.setPresence(account.id, { online: true, nick: name, status: statusText(visitor) });
  tx.outbox.toAccount(account, { kind: 'xmpp.presence', nick: name, status: statusText(visitor) });
  await tellLastOwner(tx, account, name);
  return account;
}

/** Whose window of this contact may still be open reads that somebody else is behind it now. */
async function tellLastOwner(tx: Tx, account: Account, visitor: string): Promise<void> {
  const last = await tx.chats.latestOfAccount(account.id);
  const participants = last === undefined ? [] : await tx.chats.participants(last);
  for (const { operatorId, role } of participants) {
    const operator = role === 'owner' ? await tx.operators.get(operatorId) : undefined;
    if (operator && !operator.disabled)
      notifyOperator(tx, account, operator, { key: 'contact_is_now', values: { visitor } });
  }
}

/**
 * The account is nobody's any more. Looked at again under the visitor's lock: a chat that began in between keeps it.
 * @returns whether it is free now
 */
export async function freeAccount(tx: Tx, leaseId: number, visitorId: number): Promise<boolean> {
  const visitor = await tx.visitors.lock(visitorId);
  const lease = await tx.pools.release(leaseId, visitorId);
  if (!lease) return false;
  const account = await tx.accounts.get(lease.accountId);
  if (visitor?.accountId === lease.accountId) visitor.accountId = null;
  if (!account) return true;
  goOffline(tx, account);
  rename(tx, account, FREE);
  const desk = await tx.instances.desk(lease.deskId);
  if ((await tx.pools.size(lease.deskId)) <= (desk?.pool?.size ?? 0)) return true;
  for (const dropped of await tx.pools.dropFree(lease.deskId, 1)) remove(tx, dropped, account.instanceId);
  return true;
}

/**
 * A chat that waits without contact gets one, and its turn. Locks the visitor before the chat.
 * @returns false when there is none, or the chat needs none any more
 */
export async function giveContact(tx: Tx, chatId: number, visitorId: number): Promise<boolean> {
  const visitor = await tx.visitors.lock(visitorId);
  const chat = await tx.chats.lock(chatId);
  if (!visitor || !chat || chat.deskId === null || chat.state !== 'waiting' || !chat.noContact) return false;
  const account = await takeFromPool(tx, { id: chat.deskId }, visitor, { asFirst: true });
  if (!account) return false;
  chat.accountId = account.id;
  chat.noContact = false;
  tx.queue.wake(chat.instanceId);
  return true;
}

function rename(tx: Tx, account: Account, name: string): void {
  tx.accounts.setName(account.id, name);
  tx.outbox.toAccount(account, { kind: 'account.rename', name });
}

function goOffline(tx: Tx, account: Account): void {
  tx.accounts.setPresence(account.id, { online: false, nick: '', status: '' });
  tx.outbox.toAccount(account, { kind: 'xmpp.offline' });
}

function remove(tx: Tx, accountId: number, instanceId: number): void {
  tx.accounts.setState(accountId, 'removing');
  tx.outbox.toAccount({ id: accountId, instanceId }, { kind: 'account.remove' });
}
