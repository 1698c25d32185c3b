import { expect } from 'chai';
import { NETWORKS_AT_MOST } from '../../../bridge/domain/bans/ban.js';
import { startBridge, type TestBridge } from './bridge.js';

type Json = Record<string, unknown>;
interface Instance {
  id: number;
  key: string;
  department: number;
}

describe('the helpdesk API: bans', () => {
  let bridge: TestBridge;
  let shop: Instance;
  let other: Instance;

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  const call = <T = Json>(method: string, path: string, body?: unknown, key = shop.key) =>
    bridge.call<T>(key, method, `/api/v1${path}`, body);
  const list = async (key = shop.key) => (await call<{ bans: Json[] }>('GET', '/bans', undefined, key)).body.bans;

  it('close the visitor’s chat, name who did it, and are lifted', async () => {
    const started = await call<{ chat: { id: number } }>('POST', '/chats', {
      ...{ desk: 'main', visitor: { external_id: 'troll' }, text: 'Fools' },
    });
    const { status, body } = await call<{ ban: Json }>('POST', '/bans', {
      ...{ external_id: 'troll', seconds: 60, reason: ' rude\n ' },
    });
    expect(status).to.equal(201);
    expect(body.ban).to.include({ desk: null, address: false, network: null, reason: 'rude' });
    expect(body.ban['actor']).to.match(/^key:\d+$/);
    const { chat } = (await call<{ chat: Json }>('GET', `/chats/${started.body.chat.id}`)).body;
    expect(chat).to.include({ state: 'closed' });
    expect(await list()).to.deep.equal([{ ...body.ban, nick: null }]);
    expect(await list(other.key)).to.deep.equal([]);
    expect((await call('DELETE', `/bans/${String(body.ban['id'])}`, undefined, other.key)).status).to.equal(404);
    expect((await call('DELETE', `/bans/${String(body.ban['id'])}`)).status).to.equal(204);
    expect(await list()).to.deep.equal([]);
    const again = await call('POST', '/chats', { desk: 'main', visitor: { external_id: 'troll' }, text: 'Sorry' });
    expect(again.status).to.equal(201);
  });

  it('of another instance keep nobody out here', async () => {
    await call('POST', '/bans', { external_id: 'guest' }, other.key);
    const started = await call('POST', '/chats', { desk: 'main', visitor: { external_id: 'guest' } });
    expect(started.status).to.equal(201);
  });

  it('keep ranges in one form, and refuse what is none or too wide', async () => {
    for (const [network, kept] of [
      ['203.0.113.77/24', '203.0.113.0/24'],
      ['203.0.113.77', '203.0.113.77/32'],
      ['2001:DB8:0:0::1/48', '2001:db8::/48'],
      ['::ffff:192.0.2.1/120', '192.0.2.0/24'],
    ])
      expect((await call<{ ban: Json }>('POST', '/bans', { network })).body.ban['network'], network).to.equal(kept);
    const before = await list();
    for (const body of [
      ...[
        '0.0.0.0/0',
        '10.0.0.0/7',
        '::/0',
        '2001::/15',
        '::ffff:0:0/96',
        '10.1',
        '010.0.0.1',
        'shop.example',
        '1.2.3.4/33',
      ].map((network) => ({ network })),
      ...[
        {},
        { network: '203.0.113.1', external_id: 'x' },
        { external_id: 'x', seconds: 0 },
        { external_id: 'x', why: 'y' },
      ],
    ])
      expect((await call('POST', '/bans', body)).status, JSON.stringify(body)).to.equal(422);
    expect((await call('POST', '/bans', { visitor: 999_999 })).status).to.equal(404);
    expect((await call('POST', '/bans', { external_id: 'x', desk: 'nowhere' })).status).to.equal(404);
    expect(await list()).to.deep.equal(before);
  });

  it('are listed by pages, without those that have ended, and are bounded', async () => {
    const values = (ended: boolean, count: number) =>
      Array.from({ length: count }, (_, i) => [
        `(?, '10.${i >> 8}.${i % 256}.1/32', '', 'cli', NOW(3), ${ended ? 'NOW(3) - INTERVAL 1 SECOND' : 'NULL'})`,
      ]).join(', ');
    for (const [ended, count] of [
      [true, 30],
      [false, NETWORKS_AT_MOST],
    ] as const)
      await bridge.pool.query(
        `INSERT INTO bans (instance_id, network, reason, actor, created_at, expires_at) VALUES ${values(ended, count)}`,
        Array.from({ length: count }, () => other.id),
      );
    const ids: number[] = [];
    for (let more = true; more;) {
      const query = `limit=100${ids.length === 0 ? '' : `&before=${ids.at(-1)}`}`;
      const { body } = await call<{ bans: { id: number }[]; more: boolean }>(
        'GET',
        `/bans?${query}`,
        undefined,
        other.key,
      );
      ids.push(...body.bans.map(({ id }) => id));
      ({ more } = body);
    }
    expect(new Set(ids).size, 'with the one of the guest').to.equal(NETWORKS_AT_MOST + 1);
    expect((await call('POST', '/bans', { network: '192.0.2.1' }, other.key)).status).to.equal(409);
    expect((await call('POST', '/bans', { external_id: 'one more' }, other.key)).status).to.equal(201);
  });
});
