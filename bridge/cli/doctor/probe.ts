import { randomBytes } from 'node:crypto';
import type { Core } from '../../compose.js';
import { ensureVisitorAccount } from '../../domain/accounts/ensure-account.js';
import { createInstance } from '../../domain/instances/create-instance.js';
import type { Instance } from '../../domain/instances/instance.js';
import { changeOperator } from '../../domain/operators/change-operator.js';
import { createOperator } from '../../domain/operators/create-operator.js';
import type { Tx } from '../../domain/ports.js';
import { describeVisitor } from '../../domain/visitors/visitor.js';
import { hashSecret } from '../../storage/credentials.js';
import { createProbeStore, type ProbeStore } from '../../storage/probe-store.js';
import { reservedNames } from '../with-core.js';

/**
 * An instance of its own, kept for the next time: no real operator sees the test, and no helpdesk is told of it. Its roster groups keep the test's
 * accounts away from everybody else's.
 */
const INSTANCE = 'foyer-doctor';
/** A test that was killed leaves its accounts; another one that runs now is left alone. */
const LEFTOVER_SECONDS = 600;
const TOKEN_DAYS = 1;

/** A test visitor in a chat with a test operator. */
export interface Probe {
  instance: Instance;
  operatorId: number;
  operatorAccountId: number;
  visitorAccountId: number;
  /** For the XMPP login. */
  operatorJid: string;
  password: string;
  /** For the visitor API. */
  token: string;
  chatId: number;
}

/** Makes visitor, operator and their chat; the running bridge makes the accounts on ejabberd. */
export async function makeProbe(core: Core): Promise<Probe> {
  const { transactions, settings, ids } = core;
  const password = ids.secret(16);
  const token = ids.secret(32);
  return transactions.alone(async (tx) => {
    const { host } = settings.ejabberd;
    const instance =
      (await tx.instances.byName(INSTANCE)) ??
      (await createInstance(tx, [host], { name: INSTANCE, displayName: 'Tests of foyer doctor', host }));
    const wanted = {
      username: `probe-${randomBytes(4).toString('hex')}`,
      name: 'foyer doctor',
      password,
      maxChats: 1,
      departmentIds: [],
    };
    const operator = await createOperator(tx, instance, reservedNames(settings), wanted);
    const visitor = await tx.visitors.create({ instanceId: instance.id, deskId: null, externalId: null });
    describeVisitor(visitor, { nick: 'foyer doctor' });
    await tx.visitors.setToken(visitor.id, hashSecret(token), TOKEN_DAYS);
    const account = await ensureVisitorAccount(tx, instance, visitor);
    const chat = await tx.chats.create({
      ...{ instanceId: instance.id, visitorId: visitor.id, accountId: account.id, deskId: null, departmentId: 0 },
      ...{ state: 'active', initiator: 'visitor', operatorId: operator.id },
    });
    tx.chats.setParticipant(chat.id, operator.id, 'owner', 0);
    visitor.openChatId = chat.id;
    visitor.lastChatId = chat.id;
    const accounts = { operatorAccountId: operator.accountId, visitorAccountId: account.id };
    return {
      instance,
      operatorId: operator.id,
      ...accounts,
      operatorJid: operator.jid,
      password,
      token,
      chatId: chat.id,
    };
  });
}

/** Takes the probe's accounts away from ejabberd through the running bridge, then every trace of it. @returns whether that worked in time */
export async function removeProbe(
  core: Core,
  probe: Probe,
  waitFor: (condition: () => Promise<boolean>) => Promise<boolean>,
): Promise<boolean> {
  const store = createProbeStore(core.pool);
  // Or ejabberd's word of its going would come when the operator isn't known any more.
  await waitFor(async () => (await store.operatorShow(probe.operatorId)) === 'offline');
  const accounts = [probe.operatorAccountId, probe.visitorAccountId];
  await core.transactions.alone(async (tx) => {
    const operator = await tx.operators.lock(probe.instance.id, probe.operatorId);
    const chat = await tx.chats.lock(probe.chatId);
    if (chat) chat.state = 'closed';
    if (operator) await changeOperator(tx, operator, { disabled: true });
    await removeAccount(tx, probe.visitorAccountId);
  });
  return forgetRemoved(store, probe.instance.id, accounts, waitFor);
}

/** What earlier tests left behind when they were killed. */
export async function removeLeftovers(
  core: Core,
  instanceId: number,
  waitFor: (condition: () => Promise<boolean>) => Promise<boolean>,
): Promise<void> {
  const store = createProbeStore(core.pool);
  const accounts = await store.leftovers(instanceId, LEFTOVER_SECONDS);
  if (accounts.length === 0) return;
  await core.transactions.alone(async (tx) => {
    for (const id of accounts) await removeAccount(tx, id);
  });
  await forgetRemoved(store, instanceId, accounts, waitFor);
}

async function removeAccount(tx: Tx, id: number): Promise<void> {
  const account = await tx.accounts.get(id);
  if (!account || account.state === 'removed') return;
  tx.accounts.setState(id, 'removing');
  tx.outbox.toAccount(account, { kind: 'account.remove' });
}

async function forgetRemoved(
  store: ProbeStore,
  instanceId: number,
  accounts: readonly number[],
  waitFor: (condition: () => Promise<boolean>) => Promise<boolean>,
): Promise<boolean> {
  const gone = await waitFor(async () => (await store.accountStates(accounts)).every((state) => state === 'removed'));
  if (gone) await store.forget(instanceId, accounts);
  return gone;
}
