import type { Server } from 'node:http';
import Router from '@koa/router';
import { expect } from 'chai';
import { networkOf } from '../../../bridge/inbound/http/client-address.js';
import { createApp, listen, portOf } from '../../../bridge/inbound/http/server.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { randomIds } from '../../../bridge/shared/ids.js';

interface Seen {
  ip: string;
  origin: string;
}

describe('the address of a client', () => {
  const servers: Server[] = [];

  /** What a bridge with these proxies takes a request with these headers for. */
  async function seen(trustedProxies: string[], headers: Record<string, string>): Promise<Seen> {
    const router = new Router();
    router.get('/who', (ctx) => {
      ctx.body = { ip: ctx.ip, origin: ctx.state['origin'] as string };
    });
    const deps = { log: createLog('silent'), metrics: createMetrics({ processMetrics: false }), ids: randomIds };
    const server = await listen(createApp({ ...deps, trustedProxies }, [router]), '127.0.0.1', 0);
    servers.push(server);
    const answer = await fetch(`http://127.0.0.1:${portOf(server)}/who`, { headers });
    return (await answer.json()) as Seen;
  }

  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const PROXIES = ['127.0.0.0/8', '10.0.0.7', 'fd00::/8'];
  const cases: [what: string, proxies: string[], forwarded: string, address: string][] = [
    ['is the connection’s own, whatever a header says, where no proxy is named', [], '203.0.113.9', '127.0.0.1'],
    ['is the connection’s own when that isn’t a proxy’s', ['10.0.0.0/8'], '203.0.113.9', '127.0.0.1'],
    ['is what the proxy says', PROXIES, '203.0.113.9', '203.0.113.9'],
    ['is the right-most that isn’t a proxy’s', PROXIES, '6.6.6.6, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['is no proxy’s neighbour taken for a proxy', PROXIES, '203.0.113.9, 10.0.0.8', '10.0.0.8'],
    ['may be an IPv6 address behind an IPv6 proxy', PROXIES, '2001:db8::9, fd00::1', '2001:db8::9'],
    ['is an IPv4 address also where it is written as IPv6', PROXIES, '::ffff:203.0.113.9', '203.0.113.9'],
    ['is a proxy’s when nobody else is named', PROXIES, '10.0.0.7', '10.0.0.7'],
    ['is never read from behind what can’t be one', PROXIES, '203.0.113.9, unknown, 10.0.0.7', '10.0.0.7'],
    ['is the proxy’s own when it names nobody', PROXIES, '', '127.0.0.1'],
  ];
  for (const [what, proxies, forwarded, address] of cases)
    it(what, async () => expect((await seen(proxies, { 'x-forwarded-for': forwarded })).ip).to.equal(address));

  it('comes with a scheme that only a proxy may name, and a host that is the request’s own', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' };
    expect((await seen([], headers)).origin).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await seen(PROXIES, headers)).origin).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  it('counts as its /64 with IPv6, and for itself with IPv4', () => {
    const one = networkOf('2001:db8:1:2::1');
    expect(networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff')).to.equal(one);
    expect(networkOf('2001:db8:1:3::1')).to.not.equal(one);
    expect(networkOf('::ffff:203.0.113.9')).to.equal('203.0.113.9');
    expect(networkOf('203.0.113.10')).to.not.equal(networkOf('203.0.113.9'));
  });
});
