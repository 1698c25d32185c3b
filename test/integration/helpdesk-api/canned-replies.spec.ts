import { expect } from 'chai';
import { REPLIES_AT_MOST } from '../../../bridge/domain/canned-replies/canned-reply.js';
import { startBridge, type TestBridge } from './bridge.js';

type Json = Record<string, unknown>;

describe('the helpdesk API: canned replies', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  const call = <T = Json>(method: string, path: string, body?: unknown, key = shop.key) =>
    bridge.call<T>(key, method, `/api/v1/canned-replies${path}`, body);
  const list = async (key = shop.key) =>
    (await call<{ canned_replies: Json[] }>('GET', '', undefined, key)).body.canned_replies;

  it('are made, changed and removed, and each is in the audit', async () => {
    const made = await call<{ canned_reply: { id: number } }>('POST', '', {
      ...{ name: 'Hello', text: 'Hello {nick}!', translations: { DE: 'Hallo {nick}!' } },
    });
    const { id } = made.body.canned_reply;
    const reply = { id, name: 'hello', department: null, text: 'Hello {nick}!', translations: { de: 'Hallo {nick}!' } };
    expect([made.status, made.body]).to.deep.equal([201, { canned_reply: reply }]);
    const own = await call('POST', '', { name: 'hello', text: 'General greets', department: shop.department });
    expect(own.status).to.equal(201);
    const changed = await call('PATCH', `/${id}`, { text: 'Good day', translations: {} });
    expect(changed.body).to.deep.equal({ canned_reply: { ...reply, text: 'Good day', translations: {} } });
    expect((await list()).map(({ text }) => text)).to.deep.equal(['Good day', 'General greets']);
    expect(await list(other.key)).to.deep.equal([]);
    expect((await call('DELETE', `/${id}`)).status).to.equal(204);
    expect((await call('DELETE', `/${id}`)).status).to.equal(404);
    const audit = await bridge.query("SELECT action FROM audit WHERE action LIKE 'canned_reply.%' ORDER BY id");
    expect(audit.map(({ action }) => action as string)).to.deep.equal(
      ['create', 'create', 'change', 'delete'].map((what) => `canned_reply.${what}`),
    );
  });

  it('refuse what can’t be used, and stay as they were', async () => {
    const { body } = await call<{ canned_reply: { id: number } }>('POST', '', { name: 'bye', text: 'Good-bye' });
    const before = await list();
    const refused: [string, string, unknown, number, string?][] = [
      ['POST', '', { name: 'bye', text: 'Again' }, 409],
      ['POST', '', { name: '42', text: 'a number' }, 422],
      ['POST', '', { name: 'two words', text: 'x' }, 422],
      ['POST', '', { name: 'slip', text: 'Hello {nik}' }, 422],
      ['POST', '', { name: 'slip', text: 'Hello', translations: { de: 'Hallo {nik}' } }, 422],
      ['POST', '', { name: 'slip', text: 'Hello', translations: { 'd e': 'Hallo' } }, 422],
      ['POST', '', { name: 'empty', text: '  ' }, 422],
      ['POST', '', { name: 'long', text: 'x'.repeat(4_001) }, 422],
      ['POST', '', { name: 'where', text: 'x', department: 999_999 }, 404],
      ['POST', '', { name: 'where', text: 'x', department: other.department }, 404],
      ['PATCH', `/${body.canned_reply.id}`, { text: '' }, 422],
      ['PATCH', `/${body.canned_reply.id}`, { text: 'Stolen' }, 404, other.key],
    ];
    for (const [method, path, given, status, key] of refused)
      expect((await call(method, path, given, key)).status, JSON.stringify(given)).to.equal(status);
    expect(await list()).to.deep.equal(before);
  });

  it('are so many at most', async () => {
    const values = Array.from({ length: REPLIES_AT_MOST }, (_, i) => [other.id, `r${i}`, 'text', '{}']);
    await bridge.pool.query(
      'INSERT INTO canned_replies (instance_id, name, text, translations, created_at, updated_at) VALUES ' +
        values.map(() => '(?, ?, ?, ?, NOW(3), NOW(3))').join(', '),
      values.flat(),
    );
    expect((await call('POST', '', { name: 'more', text: 'x' }, other.key)).status).to.equal(409);
  });
});
