import { readFile } from 'node:fs/promises';
import { AdminClient } from '../../bridge/outbound/ejabberd/admin-client.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import type { BenchFoyer } from './support/bench-foyer.js';
import { HttpConnection } from './support/http-load.js';
import { newAccounts, rawLogins, rawRegister } from './raw.js';

/** KB of the bridge's memory for each visitor. */
const TARGET = { atMost: 40 };
const RAW_LOGINS = 300;
const PAGES_AT_ONCE = 16;
const KB = 1024;

/** Page views of new visitors: each gets an account, a place in the roster, a session and presence that an operator sees. */
export async function visitorsOnline({ foyer, sizes, newRun, report }: Bench): Promise<void> {
  const raw = await rawLoginRate(foyer, newRun());
  // What the first ones load for good isn't a visitor's.
  await bringOnline(foyer, 50);
  const before = { bridge: await foyer.bridge.memory(), ejabberd: await residentBytes(foyer.ejabberd.pid) };
  const count = sizes.visitors;
  const perSecond = await bringOnline(foyer, count);
  const after = { bridge: await foyer.bridge.memory(), ejabberd: await residentBytes(foyer.ejabberd.pid) };
  const measure = `${count} online`;
  report({ measure, what: 'logins of known accounts, 16 at once', value: raw, unit: '/s' });
  report({ measure, what: 'page view to online, account included', value: perSecond, unit: '/s', raw });
  const each = (from: number, to: number) => (to - from) / count / KB;
  report({
    measure,
    what: 'bridge, resident',
    value: each(before.bridge.rss, after.bridge.rss),
    unit: 'KB',
    target: TARGET,
  });
  report({ measure, what: 'bridge, heap and buffers', value: each(before.bridge.used, after.bridge.used), unit: 'KB' });
  report({ measure, what: 'ejabberd, resident', value: each(before.ejabberd, after.ejabberd), unit: 'KB' });
}

async function rawLoginRate({ ejabberd }: BenchFoyer, name: string): Promise<number> {
  const before = await connected(ejabberd);
  const accounts = newAccounts(name, RAW_LOGINS);
  await rawRegister(ejabberd, accounts);
  const started = performance.now();
  const clients = await rawLogins(ejabberd, accounts);
  const perSecond = RAW_LOGINS / ((performance.now() - started) / 1000);
  await Promise.all(clients.map((client) => client.logout()));
  await until(async () => (await connected(ejabberd)) <= before, 'the clients to be gone');
  return perSecond;
}

/** @returns visitors a second, from the first page view until ejabberd has the last one online */
async function bringOnline(foyer: BenchFoyer, count: number): Promise<number> {
  const before = await connected(foyer.ejabberd);
  const connections = await Promise.all(Array.from({ length: PAGES_AT_ONCE }, () => HttpConnection.open(foyer.base)));
  let left = count;
  const started = performance.now();
  const view = async (connection: HttpConnection) => {
    for (; left > 0; left -= 1) await foyer.visit('', connection);
  };
  await Promise.all(connections.map(view));
  await until(async () => (await connected(foyer.ejabberd)) >= before + count, `${count} visitors online`, 180);
  const seconds = (performance.now() - started) / 1000;
  for (const connection of connections) connection.close();
  await until(async () => (await foyer.outboxDepth()) === 0, 'an empty outbox', 60);
  return count / seconds;
}

async function connected({ apiUrl, apiUser, apiPassword }: BenchFoyer['ejabberd']): Promise<number> {
  const admin = new AdminClient({ url: apiUrl, user: apiUser, password: apiPassword });
  const answer = (await admin.call('connected_users_number', {})) as { num_sessions: number };
  admin.close();
  return answer.num_sessions;
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * KB;
}
