import { isOpen } from '../chats/chat.js';
import { closeChat } from '../chats/close-chat.js';
import type { Transactions } from '../ports.js';
import { removePool } from '../rooms/make-room.js';
import { moveRoom } from '../rooms/move-room.js';
import { isOpenRoom } from '../rooms/room.js';
import { takeOffline } from '../visitors/time-out.js';
import type { HostingStore } from './hosting.js';
import { NO_LIMITS, type Instance } from './instance.js';

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
    else if (instance.state !== 'suspended') total += await remove(deps, instance);
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

/**
 * Rows go when ejabberd has none of the rooms and accounts any more: what is left there could otherwise not be named. Then the groups, and at last what was written
 * meanwhile.
 */
async function remove(deps: SettleDeps, instance: Instance): Promise<number> {
  const { hosting, transactions } = deps;
  const { id, name, host } = instance;
  const gone = (await closeRooms(deps, id)) || (await removeAccounts(deps, id));
  if (gone > 0) return gone;
  if ((await hosting.hasAccounts(id)) || (await hosting.isWaiting(id))) return 0;
  const rows = await hosting.deleteRows(instance);
  if (rows > 0) return rows;
  return transactions.alone(async (tx) => {
    const locked = await tx.instances.lockByName(name);
    const isOver = locked?.state === 'destroyed';
    if (locked === undefined || (locked.state !== 'destroying' && !isOver)) return 0;
    await tx.instances.setState(id, 'destroyed', isOver);
    if (isOver) return 0;
    const service = await tx.accounts.service(host);
    if (service) tx.outbox.toAccount({ id: service.id, instanceId: id }, { kind: 'groups.remove', instance: name });
    await tx.instances.configure(id, { displayName: name, language: 'en', retentionDays: null, limits: NO_LIMITS });
    await tx.instances.setIdentitySecrets(id, []);
    tx.audit.add({ instanceId: id, actor: 'job:hosting', action: 'instance.destroyed', subject: `instance:${id}` });
    return 1;
  });
}

async function closeRooms({ hosting, transactions }: SettleDeps, id: number): Promise<number> {
  for (const department of await hosting.roomPools(id))
    await transactions.alone((tx) => removePool(tx, id, department));
  const open = await hosting.openRooms(id, AT_ONCE);
  for (const found of open) {
    await transactions.alone(async (tx) => {
      const room = await tx.rooms.lock(found);
      if (room && isOpenRoom(room)) await moveRoom(tx, room, 'closed', 'instance_removed');
    });
  }
  return open.length;
}

async function removeAccounts({ hosting, transactions }: SettleDeps, id: number): Promise<number> {
  const accounts = await hosting.accountsToRemove(id, AT_ONCE);
  if (accounts.length === 0) return 0;
  await transactions.alone(async (tx) => {
    for (const account of accounts) {
      tx.accounts.setState(account.id, 'removing');
      tx.outbox.toAccount(account, { kind: 'account.remove' });
    }
  });
  return accounts.length;
}
