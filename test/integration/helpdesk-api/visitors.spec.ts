import { expect } from 'chai';
import { until } from '../../support/until.js';
import { startBridge, type TestBridge } from './bridge.js';

interface Shown {
  visitor: { id: number; external_id: string; online: boolean; nick: string | null; page: { url: string } | null };
  account: { jid: string; state: string } | null;
  chat: { id: number; state: string } | null;
}

describe('visitors of a helpdesk', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  const present = (id: string, body?: unknown, query = '') =>
    bridge.call<Shown>(shop.key, 'PUT', `/api/v1/visitors/${encodeURIComponent(id)}/presence${query}`, body);

  it('come online as a contact whose name and status say where they are', async () => {
    const { status, body } = await present('u/17 ä', {
      nick: 'Anna',
      language: 'de',
      desk: 'main',
      page: { url: 'https://shop.example/pricing?token=1#top', referrer: 'https://google.com/search?q=x' },
    });
    expect(status).to.equal(200);
    expect(body.visitor).to.deep.include({
      external_id: 'u/17 ä',
      online: true,
      nick: 'Anna',
      page: { url: 'https://shop.example/pricing', title: null },
    });
    expect(body.account).to.deep.equal({ jid: `visitor.${body.visitor.id}@foyer.localhost`, state: 'wanted' });
    expect(body.chat).to.equal(null);
    const sent = (await bridge.sent()).slice(-2);
    expect(sent).to.deep.equal([
      { kind: 'account.provision' },
      { kind: 'xmpp.presence', nick: 'Anna · /pricing', status: 'on /pricing, from google.com, de' },
    ]);
  });

  it('are the same visitor each time, also when two calls come at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => present('twin', { nick: 'Twin' })));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(200));
    expect(new Set(answers.map(({ body }) => body.visitor.id)).size).to.equal(1);
  });

  it('are online for the hard timeout from the last call on, and keep what a call leaves out', async () => {
    await present('stays', { nick: 'Stay', page: { url: 'https://shop.example/a' } });
    await bridge.query("UPDATE visitors SET online_until = NOW(3) WHERE external_id = 'stays'");
    const { body } = await present('stays');
    expect(body.visitor).to.deep.include({ nick: 'Stay', page: { url: 'https://shop.example/a', title: null } });
    const [row] = await bridge.query(
      "SELECT TIMESTAMPDIFF(SECOND, NOW(3), visitors.online_until) AS left_ FROM visitors WHERE visitors.external_id = 'stays'",
    );
    expect(row?.['left_']).to.be.within(290, 300);
  });

  it('are answered when their account is ready, where that is asked for', async () => {
    const answer = present('ready-soon', {}, '?wait=true');
    const visitor = await until(
      async () =>
        (await bridge.query("SELECT visitors.account_id FROM visitors WHERE visitors.external_id = 'ready-soon'"))[0],
    );
    await bridge.query("UPDATE accounts SET state = 'ready' WHERE id = ?", [visitor['account_id']]);
    expect((await answer).body.account?.state).to.equal('ready');
  });

  it('go offline at once when the helpdesk says so, and what nobody had taken is abandoned', async () => {
    await present('leaver', { page: { url: 'https://shop.example/' } });
    const begun = await bridge.call<{ chat: { id: number } }>(shop.key, 'POST', '/api/v1/chats', {
      desk: 'main',
      visitor: { external_id: 'leaver' },
      text: 'hi',
    });
    expect((await bridge.call<Shown>(shop.key, 'GET', '/api/v1/visitors/leaver')).body.chat?.id).to.equal(
      begun.body.chat.id,
    );
    expect((await bridge.call(shop.key, 'DELETE', '/api/v1/visitors/leaver/presence')).status).to.equal(204);
    const shown = await bridge.call<Shown>(shop.key, 'GET', '/api/v1/visitors/leaver');
    expect(shown.body.visitor.online).to.equal(false);
    expect(shown.body.chat).to.equal(null);
    const chat = await bridge.call<{ chat: { state: string } }>(shop.key, 'GET', `/api/v1/chats/${begun.body.chat.id}`);
    expect(chat.body.chat.state).to.equal('abandoned');
    const sent = (await bridge.sent()).length;
    expect((await bridge.call(shop.key, 'DELETE', '/api/v1/visitors/leaver/presence')).status).to.equal(204);
    expect(await bridge.sent()).to.have.length(sent);
  });

  it('are listed newest first, those of pages too, by whether they are there', async () => {
    const shop = await bridge.instance('listed');
    const put = (id: string) =>
      bridge.call<Shown>(shop.key, 'PUT', `/api/v1/visitors/${id}/presence`, { desk: 'main', user_agent: 'Lynx' });
    const ids = [];
    for (const id of ['1', '2', '3']) ids.unshift((await put(id)).body.visitor.id);
    await bridge.call(shop.key, 'DELETE', '/api/v1/visitors/2/presence');
    await bridge.query('UPDATE visitors SET external_id = NULL WHERE id = ?', [ids[0]]);
    await bridge.call(shop.key, 'POST', '/api/v1/chats', { desk: 'main', visitor: { external_id: '1' }, text: 'hi' });
    type Page = { visitors: (Shown & { visitor: { user_agent: string; desk: string } })[]; more: boolean };
    const list = async (query: string) => (await bridge.call<Page>(shop.key, 'GET', `/api/v1/visitors${query}`)).body;
    const found = await list('');
    expect(found.visitors.map(({ visitor }) => visitor.id)).to.deep.equal(ids);
    expect(found.visitors.map(({ chat }) => chat?.state)).to.deep.equal([undefined, undefined, 'waiting']);
    expect(found.visitors[0]?.visitor).to.deep.include({ external_id: null, desk: 'main', user_agent: 'Lynx' });
    expect(found.visitors[0]?.account?.jid).to.equal(`visitor.${ids[0]}.listed@foyer.localhost`);
    const online = await list('?online=true');
    expect(online.visitors.map(({ visitor }) => visitor.id)).to.deep.equal([ids[0], ids[2]]);
    const first = await list('?limit=2');
    expect([first.visitors.length, first.more]).to.deep.equal([2, true]);
    const next = await list(`?limit=2&before=${ids[1]}`);
    expect([next.visitors.map(({ visitor }) => visitor.id), next.more]).to.deep.equal([[ids[2]], false]);
    for (const query of ['?limit=101', '?online=maybe', '?colour=red', '?before=0'])
      expect((await bridge.call(shop.key, 'GET', `/api/v1/visitors${query}`)).status, query).to.equal(422);
  });

  it('are found by Foyer’s id apart from those whose own id is the same number', async () => {
    const [one, two] = [(await present('first')).body.visitor.id, (await present('second')).body.visitor.id];
    await present(String(one));
    const byId = await bridge.call<Shown>(shop.key, 'GET', `/api/v1/visitors/by-id/${one}`);
    expect(byId.body.visitor).to.include({ id: one, external_id: 'first' });
    const byExternalId = await bridge.call<Shown>(shop.key, 'GET', `/api/v1/visitors/${one}`);
    expect(byExternalId.body.visitor.id).to.be.greaterThan(two);
    expect((await bridge.call(other.key, 'GET', `/api/v1/visitors/by-id/${one}`)).status).to.equal(404);
    expect((await bridge.call(shop.key, 'GET', '/api/v1/visitors/by-id/first')).status).to.equal(422);
  });

  it('carry what the helpdesk says of them in words of its own', async () => {
    type Custom = { visitor: { custom: Record<string, string> } };
    const custom = async (body: unknown) => {
      const { status, body: shown } = await bridge.call<Custom>(
        ...([shop.key, 'PUT', '/api/v1/visitors/vip/presence', body] as const),
      );
      return status === 200 ? shown.visitor.custom : status;
    };
    expect(await custom({})).to.deep.equal({});
    expect(await custom({ custom: { plan: 'gold', 'cart total': '12 €' } })).to.deep.equal({
      plan: 'gold',
      'cart total': '12 €',
    });
    expect(await custom({ nick: 'Vip' }), 'stays').to.have.property('plan', 'gold');
    expect(await custom({ custom: { plan: 'silver' } }), 'is replaced').to.deep.equal({ plan: 'silver' });
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
    expect(await custom({ custom: keys(20) })).to.deep.equal(keys(20));
    for (const bad of [keys(21), { ['k'.repeat(41)]: 'v' }, { k: 'v'.repeat(501) }, { k: 1 }, { k: { deep: 'v' } }, []])
      expect(await custom({ custom: bad }), JSON.stringify(bad).slice(0, 60)).to.equal(422);
    expect(await custom({ custom: {} })).to.deep.equal({});
  });

  it('are unknown to another instance, and to those who never saw them', async () => {
    await present('private');
    for (const [key, id] of [
      [other.key, 'private'],
      [shop.key, 'nobody'],
    ] as const) {
      expect((await bridge.call(key, 'GET', `/api/v1/visitors/${id}`)).status).to.equal(404);
      expect((await bridge.call(key, 'DELETE', `/api/v1/visitors/${id}/presence`)).status).to.equal(404);
    }
  });

  it('are refused without the scope, with unknown fields, malformed ones and an unknown desk', async () => {
    const key = await bridge.key(shop.id, ['chats']);
    expect((await bridge.call(key, 'PUT', '/api/v1/visitors/v/presence', {})).status).to.equal(403);
    const bodies: [unknown, number][] = [
      [{ shoe_size: 9 }, 422],
      [{ nick: 'x'.repeat(101) }, 422],
      [{ email: 'nobody' }, 422],
      [{ language: 'de_DE!' }, 422],
      [{ page: { url: 'https://shop.example/', colour: 'red' } }, 422],
      [{ desk: 'elsewhere' }, 404],
      [[], 422],
    ];
    for (const [body, status] of bodies)
      expect((await present('refused', body)).status, JSON.stringify(body).slice(0, 60)).to.equal(status);
    expect((await present('x'.repeat(191))).status).to.equal(422);
    expect((await present('v', {}, '?wait=maybe')).status).to.equal(422);
    expect((await bridge.call(shop.key, 'GET', '/api/v1/visitors/refused')).status).to.equal(404);
  });
});
