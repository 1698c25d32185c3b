import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect } from 'chai';
import type { AccountWithPassword } from '../../../../bridge/domain/accounts/account.js';
import { SessionPool } from '../../../../bridge/outbound/xmpp/session-pool.js';
import { systemClock } from '../../../../bridge/shared/clock.js';
import { until } from '../../../support/until.js';

const silence = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const buildAccount = (id: number): AccountWithPassword => ({
  ...{ id, instanceId: 1, kind: 'visitor', local: `visitor.${id}`, host: 'h', name: 'Anna' },
  ...{ rosterGroup: 'visitors', pooled: false, state: 'ready', password: 'secret' },
});

const OFFER =
  '<?xml version="1.0"?><stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" id="1" version="1.0">' +
  '<stream:features><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>PLAIN</mechanism></mechanisms></stream:features>';
const REFUSAL = '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>';

describe('the sessions of a server that is away', () => {
  let server: Server;
  let pool: SessionPool;
  /** Hosts of the accounts that tried, one for each connection. */
  const tries: string[] = [];
  /** Hosts whose accounts are refused; others are cut off. */
  const refused = new Set<string>();

  beforeEach(async () => {
    tries.splice(0);
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        const host = /<stream:stream [^>]*to="([^"]*)"/.exec(data.toString())?.[1];
        if (host !== undefined) tries.push(host);
        if (host === undefined) socket.write(REFUSAL);
        else if (refused.has(host)) socket.write(OFFER);
        else socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const service = `xmpp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // The longest back-off that there can be.
    pool = new SessionPool({ server: { service }, clock: systemClock, log: silence, random: () => 0.999 });
  });

  afterEach(async () => {
    await pool.close(100);
    await new Promise((resolve) => server.close(resolve));
  });

  const online = (id: number, host = 'h') =>
    pool.ensureOnline({ ...buildAccount(id), host }, { nick: 'Anna', status: '' }).catch(() => undefined);

  it('try again about each second, however often they failed', async function () {
    this.timeout(30_000);
    await online(1);
    // By its own back-off alone it would have tried five times by then.
    await until(() => tries.length >= 8, 'eight tries', 20);
  });

  it('take turns', async function () {
    this.timeout(30_000);
    for (const id of [1, 2, 3]) await online(id, `h${id}`);
    await until(
      () => ['h1', 'h2', 'h3'].every((host) => tries.filter((one) => one === host).length >= 6),
      'six tries of each',
      25,
    );
  });

  it('are left alone where the server refused the account', async function () {
    this.timeout(30_000);
    refused.add('refusing');
    await online(1, 'refusing');
    await online(2, 'away');
    await until(() => tries.filter((host) => host === 'away').length >= 8, 'the other’s tries', 25);
    expect(tries.filter((host) => host === 'refusing').length).to.be.lessThan(6);
  });
});
