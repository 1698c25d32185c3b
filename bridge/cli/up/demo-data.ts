import { randomBytes } from 'node:crypto';
import type { Core } from '../../compose.js';
import { createApiKey, newApiKey } from '../../domain/instances/create-api-key.js';
import { createInstance } from '../../domain/instances/create-instance.js';
import { MAIN_INSTANCE, type Instance } from '../../domain/instances/instance.js';
import { createOperator } from '../../domain/operators/create-operator.js';
import { PLAIN_WIDGET } from '../../domain/desks/widget-settings.js';
import type { Tx } from '../../domain/ports.js';
import { SCOPES } from '../../domain/reads.js';
import { createAccountPasswords } from '../../storage/account-passwords.js';
import { apiKeyHolds } from '../../storage/api-key-store.js';
import { hashSecret } from '../../storage/credentials.js';
import { reservedNames } from '../with-core.js';

/** Keeps a secret of this name in a file (0600); made on first use. */
export type KeepSecret = (name: string, make: () => string) => Promise<string>;

export interface DemoData {
  /** Undefined when somebody has removed the demo operator: then it stays removed. */
  operator: { accountId: number; jid: string; password: string } | undefined;
  apiKey: string;
}

const DEPARTMENT = 'Support';
const DESK = 'main';
const OPERATOR = { username: 'anna', name: 'Anna' };
const MAX_CHATS = 20;

/** What a fresh Foyer needs to be tried out; whatever is there already stays as it is. */
export async function ensureDemoData(core: Core, keep: KeepSecret): Promise<DemoData> {
  const password = await keep('operator-anna', readablePassword);
  const apiKey = await keep('api-key', () => newApiKey(core.ids));
  const hash = hashSecret(apiKey);
  const { instance, account } = await core.transactions.alone(async (tx) => {
    const main = await ensureInstance(tx, core.settings.ejabberd.host);
    const departmentId = await ensureDepartment(tx, main);
    await ensureDesk(tx, main, departmentId);
    return {
      instance: main,
      account: await ensureOperator(tx, main, departmentId, password, reservedNames(core.settings)),
    };
  });
  if (!(await apiKeyHolds(core.pool, instance.id, hash))) {
    await core.transactions.alone((tx) =>
      createApiKey(tx, hashSecret, apiKey, {
        instanceId: instance.id,
        name: 'npm start',
        scopes: SCOPES,
        expiresAt: null,
      }),
    );
  }
  if (account === undefined) return { operator: undefined, apiKey };
  // Somebody may have changed the password since.
  const stored = await createAccountPasswords(core.pool, core.box).get(account.id);
  return { operator: { accountId: account.id, jid: account.jid, password: stored?.password ?? password }, apiKey };
}

async function ensureInstance(tx: Tx, host: string): Promise<Instance> {
  return (
    (await tx.instances.byName(MAIN_INSTANCE)) ??
    createInstance(tx, [host], { name: MAIN_INSTANCE, displayName: 'Main', host })
  );
}

async function ensureDepartment(tx: Tx, { id }: Instance): Promise<number> {
  return ((await tx.desks.departmentByName(id, DEPARTMENT)) ?? (await tx.desks.createDepartment(id, DEPARTMENT))).id;
}

async function ensureDesk(tx: Tx, { id }: Instance, departmentId: number): Promise<void> {
  if (await tx.instances.deskByKey(id, DESK)) return;
  const texts = { greeting: 'Hello! How can we help?' };
  await tx.desks.create({
    instanceId: id,
    key: DESK,
    name: 'Demo',
    state: 'active',
    departmentId,
    allowedOrigins: ['*'],
    askRating: true,
    preview: false,
    pool: null,
    redirectTo: 'same_site',
    redirectHow: 'ask',
    followUp: null,
    mailTo: null,
    who: 'everybody',
    memberGroups: [],
    keepGuestChat: true,
    texts,
    widget: PLAIN_WIDGET,
  });
}

async function ensureOperator(
  tx: Tx,
  instance: Instance,
  departmentId: number,
  password: string,
  taken: ReadonlySet<string>,
) {
  const account = await tx.accounts.byJid(instance.host, OPERATOR.username);
  if (account === undefined) {
    const operator = await createOperator(tx, instance, taken, {
      ...OPERATOR,
      password,
      maxChats: MAX_CHATS,
      departmentIds: [departmentId],
    });
    return { id: operator.accountId, jid: operator.jid };
  }
  const operator = await tx.operators.byAccount(account.id);
  if (operator === undefined) return undefined;
  // ejabberd's own data may have been thrown away in between; saying it twice does no harm.
  tx.accounts.setState(account.id, 'wanted');
  tx.outbox.toAccount(account, { kind: 'account.provision' });
  return { id: account.id, jid: operator.jid };
}

/** 80 random bits that a person can type into a client: `k7f2-9xqm-4hzt-w8pc`. */
function readablePassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const letters = Array.from(randomBytes(16), (byte) => alphabet.charAt(byte % alphabet.length)).join('');
  return letters.replace(/(.{4})(?!$)/g, '$1-');
}
