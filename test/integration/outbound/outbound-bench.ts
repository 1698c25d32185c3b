import type { Context } from 'mocha';
import type { Account, AccountWithPassword } from '../../../bridge/domain/accounts/account.js';
import type { DueEntry, OutboxEntry } from '../../../bridge/domain/outbox/entry.js';
import { AdminClient } from '../../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { Provisioner } from '../../../bridge/outbound/ejabberd/provisioner.js';
import { RoomKeeper } from '../../../bridge/outbound/ejabberd/room-keeper.js';
import { RosterGroups } from '../../../bridge/outbound/ejabberd/roster-groups.js';
import { AccountCourier } from '../../../bridge/outbound/xmpp/courier.js';
import { SessionPool, type SessionPoolOptions } from '../../../bridge/outbound/xmpp/session-pool.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { randomPassword } from '../../../bridge/stack/private-files.js';
import { privateEjabberd, type PrivateEjabberd } from '../../support/stack.js';
import { OperatorClient } from './operator-client.js';

const silence = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
/** Nobody listens: what mod_foyer would tell the bridge isn't looked at here. */
const NO_BRIDGE = 'http://127.0.0.1:9/hooks/ejabberd';

/** The outbound side on an ejabberd of its own, with one operator. */
export interface OutboundBench {
  ejabberd: PrivateEjabberd;
  admin: AdminClient;
  modFoyer: ModFoyerClient;
  provisioner: Provisioner;
  sessions: SessionPool;
  courier: AccountCourier;
  operator: AccountWithPassword;
  bounces: { account: Account; id: string; condition: string; text: string }[];
  ready: number[];
  /** A visitor's account that isn't on ejabberd yet, with an id that no other has. */
  buildVisitor(overrides?: Partial<AccountWithPassword>): AccountWithPassword;
  loginOperator(): Promise<OperatorClient>;
  end(): Promise<void>;
}

export async function startOutboundBench(test: Context, pool: SessionPoolOptions = {}): Promise<OutboundBench> {
  test.timeout(90_000);
  const ejabberd = await privateEjabberd({ hooksUrl: NO_BRIDGE });
  const { host, apiUrl: url, apiUser: user, apiPassword: password } = ejabberd;
  const admin = new AdminClient({ url, user, password });
  const modFoyer = new ModFoyerClient(admin);
  const provisioner = new Provisioner({
    admin,
    modFoyer,
    groups: new RosterGroups(admin),
    log: silence,
    randomPassword,
    serviceLocal: 'foyer',
  });
  const server = { service: `xmpp://127.0.0.1:${ejabberd.c2sPort}` };
  const sessions = new SessionPool({ server, clock: systemClock, log: silence }, pool);
  const bounces: OutboundBench['bounces'] = [];
  const ready: number[] = [];
  const courier = new AccountCourier({
    provisioner: {
      async provision(account) {
        await provisioner.provision(account);
        ready.push(account.id);
      },
      lock: (account) => provisioner.lock(account),
      removeGroups: (host, instance) => provisioner.removeGroups(host, instance),
      remove: (account) => provisioner.remove(account),
      rename: (account, name) => provisioner.rename(account, name),
      forget: (account, operator) => provisioner.forget(account, operator),
    },
    sessions,
    rooms: new RoomKeeper({ modFoyer, rooms: { get: () => Promise.resolve(undefined) } }),
    clock: systemClock,
    log: silence,
    onBounce: (account, id, condition, text) => void bounces.push({ account, id, condition, text }),
  });
  let lastId = 1;
  const operator: AccountWithPassword = {
    ...{ id: lastId, instanceId: 1, kind: 'operator', local: 'olga', host, name: 'Olga' },
    ...{ rosterGroup: 'operators', pooled: false, state: 'wanted', password: 'operator-secret' },
  };
  await provisioner.provision(operator);
  const clients: OperatorClient[] = [];
  return {
    ...{ ejabberd, admin, modFoyer, provisioner, sessions, courier, operator, bounces, ready },
    buildVisitor(overrides = {}) {
      lastId += 1;
      return {
        ...{ id: lastId, instanceId: 1, kind: 'visitor', local: `visitor.${lastId}`, host, name: `Anna ${lastId}` },
        ...{ rosterGroup: 'visitors', pooled: false, state: 'wanted', password: `secret-${lastId}`, ...overrides },
      };
    },
    async loginOperator() {
      const client = await OperatorClient.login(ejabberd.c2sPort, operator);
      clients.push(client);
      return client;
    },
    async end() {
      await sessions.close(2_000);
      await Promise.all(clients.map((client) => client.logout()));
      admin.close();
      await ejabberd.stop();
    },
  };
}

let lastEntry = 0;

/** An entry as it comes from the outbox, written now. */
export function due(entry: OutboxEntry, createdAt = new Date()): DueEntry {
  lastEntry += 1;
  return { id: lastEntry, instanceId: 1, entry, attempts: 0, createdAt };
}

/** What a visitor wrote, as a due entry. */
export function text(to: string, body: string, id = `m${lastEntry + 1}`): DueEntry {
  return due({ kind: 'xmpp.message', to, id, body, track: { chatId: 1, number: 1 } });
}
