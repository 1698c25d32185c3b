import { randomBytes } from 'node:crypto';
import { HttpConnection } from './support/http-load.js';
import { LoadClient } from './support/xmpp-load.js';
import { numberOf, numbered, Tally } from './support/record.js';
import type { PrivateEjabberd } from '../support/stack.js';
import type { Rate } from './support/bench.js';

/** Two clients of the same ejabberd that know nothing of Foyer. */
export interface RawPair {
  from: LoadClient;
  to: LoadClient;
}

/** Messages of one pair on their way at a time: 256 of 16 pairs. */
const IN_FLIGHT = 16;
const REGISTRATIONS_AT_ONCE = 32;

export interface RawAccount {
  user: string;
  password: string;
}

/** Registers accounts as fast as ejabberd takes them: kept connections, nothing else. @returns accounts a second */
export async function rawRegister(ejabberd: PrivateEjabberd, accounts: readonly RawAccount[]): Promise<number> {
  const { apiUrl, apiUser, apiPassword, host } = ejabberd;
  const authorization = `Basic ${Buffer.from(`${apiUser}:${apiPassword}`).toString('base64')}`;
  const connections = await Promise.all(
    Array.from({ length: REGISTRATIONS_AT_ONCE }, () => HttpConnection.open(apiUrl)),
  );
  const waiting = [...accounts];
  const started = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (let account = waiting.pop(); account; account = waiting.pop()) {
        const { status, body } = await connection.post('/api/register', { ...account, host }, authorization);
        if (status !== 200) throw new Error(`register was answered with ${status}: ${body}`);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const connection of connections) connection.close();
  return accounts.length / seconds;
}

export function newAccounts(prefix: string, count: number): RawAccount[] {
  return Array.from({ length: count }, (_, i) => ({
    user: `${prefix}${i}`,
    password: randomBytes(12).toString('base64url'),
  }));
}

export async function rawPairs(ejabberd: PrivateEjabberd, count: number): Promise<RawPair[]> {
  const accounts = newAccounts('pair', 2 * count);
  await rawRegister(ejabberd, accounts);
  const clients = await rawLogins(ejabberd, accounts);
  return Array.from({ length: count }, (_, i) => ({
    from: clients[2 * i] as LoadClient,
    to: clients[2 * i + 1] as LoadClient,
  }));
}

/** Logs all in, 16 at a time. */
export async function rawLogins(
  { host, c2sPort }: PrivateEjabberd,
  accounts: readonly RawAccount[],
): Promise<LoadClient[]> {
  const waiting = [...accounts.entries()];
  const clients: LoadClient[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      clients[next[0]] = await LoadClient.login({ host, c2sPort, ...next[1] });
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return clients;
}

/** From the first send until the last has arrived at the other client. */
export async function rawRate(pairs: readonly RawPair[], run: string, count: number): Promise<Rate> {
  const tally = new Tally(count);
  const started = performance.now();
  let next = 0;
  await new Promise<void>((resolve) => {
    const sendNext = ({ from, to }: RawPair) => {
      if (next >= count) return;
      const number = next;
      next += 1;
      void from.say(to.jid, numbered(run, number), `${run}-${number}`);
    };
    for (const pair of pairs) {
      pair.to.onText = (text) => {
        const number = numberOf(text, run);
        if (number === null) return;
        tally.add(number);
        if (tally.arrived === count) resolve();
        else sendNext(pair);
      };
      for (let i = 0; i < IN_FLIGHT; i += 1) sendNext(pair);
    }
  });
  return { perSecond: count / ((performance.now() - started) / 1000), lost: tally.lost, doubled: tally.doubled };
}
