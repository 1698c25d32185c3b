import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

type Json = Record<string, unknown>;

describe('the helpdesk API: sending a visitor’s page elsewhere', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let chatId: number;

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    shop = await bridge.instance('main');
    const started = await call<{ chat: { id: number } }>('POST', '/chats', {
      ...{ desk: 'main', visitor: { external_id: 'vera', page: { url: 'https://shop.example/pricing' } }, text: 'Hi' },
    });
    chatId = started.body.chat.id;
  });
  after(() => bridge.stop());

  const call = <T = Json>(method: string, path: string, body?: unknown, headers = {}) =>
    bridge.call<T>(shop.key, method, `/api/v1${path}`, body, headers);
  const notes = () => bridge.query("SELECT text FROM messages WHERE sender = 'system' AND chat_id = ?", [chatId]);

  it('tells the chat’s feed and the record, and once for each Idempotency-Key', async () => {
    const send = () =>
      call('POST', `/chats/${chatId}/redirect`, { url: '/faq', author: 'Bert' }, { 'idempotency-key': 'once' });
    const redirect = { number: 2, url: 'https://shop.example/faq', how: 'ask', name: 'Bert' };
    for (const { status, body } of [await send(), await send()])
      expect([status, body]).to.deep.equal([201, { redirect }]);
    const { body } = await call<{ events: { kind: string; data: Json }[] }>('GET', `/chats/${chatId}/events`);
    const told = body.events.filter(({ kind }) => kind === 'redirect').map(({ data }) => data['redirect']);
    expect(told).to.deep.equal([redirect]);
    expect(await notes()).to.deep.equal([{ text: 'Bert suggests this page: https://shop.example/faq' }]);
  });

  it('refuses what the desk doesn’t allow, with why, and sends nothing', async () => {
    const before = await notes();
    for (const [url, reason] of [
      ['https://evil.example/', 'other_site'],
      ['javascript:alert(1)', 'address'],
    ] as const) {
      const { status, body } = await call('POST', `/chats/${chatId}/redirect`, { url, author: 'Bert' });
      expect([status, body['code'], body['reason']]).to.deep.equal([422, 'redirect_refused', reason]);
    }
    for (const body of [{ url: '/faq' }, { url: '/faq', author: 'Bert', operator_id: 1 }, { author: 'Bert' }])
      expect((await call('POST', `/chats/${chatId}/redirect`, body)).status, JSON.stringify(body)).to.equal(422);
    expect(await notes()).to.deep.equal(before);
  });

  it('is as the desk says', async () => {
    const { desks } = (await call<{ desks: Json[] }>('GET', '/desks')).body;
    expect(desks[0]).to.include({ redirect_to: 'same_site', redirect_how: 'ask' });
    const change = { redirect_to: 'any', redirect_how: 'go' };
    const { desk } = (await call<{ desk: Json }>('PATCH', `/desks/${String(desks[0]?.['id'])}`, change)).body;
    expect(desk).to.include(change);
    const sent = await call('POST', `/chats/${chatId}/redirect`, { url: 'https://help.example/', author: 'Bert' });
    expect(sent.body['redirect']).to.include({ url: 'https://help.example/', how: 'go' });
    await call('POST', `/chats/${chatId}/close`, {});
    const late = await call('POST', `/chats/${chatId}/redirect`, { url: '/faq', author: 'Bert' });
    expect([late.status, late.body['code']]).to.deep.equal([409, 'chat_closed']);
  });
});
