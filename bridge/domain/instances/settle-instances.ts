import { isOpen } from '../chats/chat.js';
import { closeChat } from '../chats/close-chat.js';
import type { Transactions } from '../ports.js';
import { takeOffline } from '../visitors/time-out.js';
import type { HostingStore } from './hosting.js';
import type { Instance } from './instance.js';

/** Chats, visitors and accounts of one look: the rest is for the next one. */
const AT_ONCE = 200;
/** Operators have so long to read that they will be shut out. */
const NOTICE_SECONDS = 5;

export interface SettleDeps {
  transactions: Transactions;
  hosting: HostingStore;
}

/**
 * Does what suspended instances and those being destroyed ask for, a bounded piece of each; ended anywhere, the next one goes on. @returns how many chats,
 * visitors, accounts and rows; call again while it isn't 0
 */
export async function settleInstances(deps: SettleDeps): Promise<number> {
  let total = 0;
  for (const { instance, seconds } of await deps.hosting.unsettled()) {
    const ended = (await closeChats(deps, instance)) || (await takeVisitorsOffline(deps, instance));
    if (ended > 0) total += ended;
    else if (instance.state === 'destroying') total += await remove(deps, instance);
    else if (seconds >= NOTICE_SECONDS) total += await shutOut(deps, instance);
  }
  return total;
}

async function closeChats({ hosting, transactions }: SettleDeps, { id }: Instance): Promise<number> {
  const open = await hosting.openChats(id, AT_ONCE);
  for (const found of open) {
    await transactions.alone(async (tx) => {
      await tx.visitors.lock(found.visitorId);
      const chat = await tx.chats.lock(found.id);
      if (chat && isOpen(chat)) await closeChat(tx, chat, 'system');
    });
  }
  return open.length;
}

async function takeVisitorsOffline({ hosting, transactions }: SettleDeps, { id }: Instance): Promise<number> {
  const online = await hosting.onlineVisitors(id, AT_ONCE);
  for (const visitorId of online) {
    await transactions.alone(async (tx) => {
      const visitor = await tx.visitors.lock(visitorId);
      if (visitor?.online === true) await takeOffline(tx, visitor);
    });
  }
  return online.length;
}

/** Operators of a suspended instance can't log in any more; when that is so for all, it is settled. */
function shutOut({ hosting, transactions }: SettleDeps, { id, name }: Instance): Promise<number> {
  return transactions.alone(async (tx) => {
    const instance = await tx.instances.lockByName(name);
    if (instance?.state !== 'suspended') return 0;
    const open = await hosting.openAccounts(id, AT_ONCE);
    for (const account of open) {
      tx.accounts.setState(account.id, 'locked');
      tx.outbox.toAccount(account, { kind: 'account.lock' });
    }
    if (open.length === 0) await tx.instances.setState(id, 'suspended', true);
    return open.length;
  });
}

/** Rows go when ejabberd has none of the accounts any more: what is left there could otherwise not be named. */
async function remove({ hosting, transactions }: SettleDeps, instance: Instance): Promise<number> {
  const { id, name, host } = instance;
  const accounts = await hosting.accountsToRemove(id, AT_ONCE);
  if (accounts.length > 0) {
    await transactions.alone(async (tx) => {
      for (const account of accounts) {
        tx.accounts.setState(account.id, 'removing');
        tx.outbox.toAccount(account, { kind: 'account.remove' });
      }
    });
    return accounts.length;
  }
  if (await hosting.hasAccounts(id)) return 0;
  const rows = await hosting.deleteRows(instance);
  if (rows > 0) return rows;
  await transactions.alone(async (tx) => {
    const locked = await tx.instances.lockByName(name);
    if (locked?.state !== 'destroying') return;
    const service = await tx.accounts.service(host);
    if (service) tx.outbox.toAccount(service, { kind: 'groups.remove', instance: name });
    await tx.instances.configure(id, { displayName: name });
    await tx.instances.setState(id, 'destroyed', true);
    tx.audit.add({ instanceId: id, actor: 'job:hosting', action: 'instance.destroyed', subject: `instance:${id}` });
  });
  return 0;
}
