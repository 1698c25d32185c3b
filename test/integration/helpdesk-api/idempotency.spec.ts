import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

describe('the Idempotency-Key of a helpdesk', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
  });
  after(() => bridge.stop());

  const count = async (table: string) => (await bridge.query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.['n'] as number;
  const chat = { desk: 'main', visitor: { nick: 'Ann' }, text: 'Hello' };

  it('makes one chat of a request that comes again, and gives the same answer', async () => {
    const first = await bridge.call(shop.key, 'POST', '/api/v1/chats', chat, { 'idempotency-key': 'k1' });
    const before = await count('chats');
    const again = await bridge.call(shop.key, 'POST', '/api/v1/chats', chat, { 'idempotency-key': 'k1' });
    expect(first.status).to.equal(201);
    expect([again.status, again.body]).to.deep.equal([first.status, first.body]);
    expect(again.headers.get('idempotency-replayed')).to.equal('true');
    expect(await count('chats')).to.equal(before);
  });

  it('makes one chat of ten requests at the same moment', async () => {
    const before = await count('chats');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        bridge.call(shop.key, 'POST', '/api/v1/chats', chat, { 'idempotency-key': 'together' }),
      ),
    );
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).to.equal(1);
    expect(await count('chats')).to.equal(before + 1);
  });

  it('is refused with another request, also to another address', async () => {
    await bridge.call(shop.key, 'POST', '/api/v1/departments', { name: 'Sales' }, { 'idempotency-key': 'k2' });
    for (const [path, body] of [
      ['/api/v1/departments', { name: 'Support' }],
      ['/api/v1/chats', chat],
    ] as const) {
      const answer = await bridge.call(shop.key, 'POST', path, body, { 'idempotency-key': 'k2' });
      expect([answer.status, answer.body['code']]).to.deep.equal([409, 'idempotency_conflict']);
    }
  });

  it('belongs to one instance: the same key elsewhere is another', async () => {
    await bridge.call(shop.key, 'POST', '/api/v1/departments', { name: 'Returns' }, { 'idempotency-key': 'k3' });
    const answer = await bridge.call(
      other.key,
      'POST',
      '/api/v1/departments',
      { name: 'Repairs' },
      { 'idempotency-key': 'k3' },
    );
    expect(answer.status).to.equal(201);
  });

  it('isn’t used up by a request that was refused', async () => {
    const refused = await bridge.call(
      shop.key,
      'POST',
      '/api/v1/chats',
      { ...chat, desk: 'later' },
      { 'idempotency-key': 'k4' },
    );
    expect(refused.status).to.equal(404);
    await bridge.call(shop.key, 'POST', '/api/v1/desks', { key: 'later', name: 'Later', department: shop.department });
    const answer = await bridge.call(
      shop.key,
      'POST',
      '/api/v1/chats',
      { ...chat, desk: 'later' },
      { 'idempotency-key': 'k4' },
    );
    expect(answer.status).to.equal(201);
  });

  it('keeps messages apart that share it, and gives the first answer to a repeat', async () => {
    const begun = await bridge.call<{ chat: { id: number } }>(shop.key, 'POST', '/api/v1/chats', chat);
    const path = `/api/v1/chats/${begun.body.chat.id}/messages`;
    const body = { text: 'one', message_id: 'a' };
    const first = await bridge.call(shop.key, 'POST', path, body, { 'idempotency-key': 'k5' });
    await bridge.call(shop.key, 'POST', path, { text: 'two', message_id: 'b' });
    const again = await bridge.call(shop.key, 'POST', path, body, { 'idempotency-key': 'k5' });
    expect(again.body).to.deep.equal(first.body);
  });

  it('shows a password that was made up again, and keeps it encrypted', async () => {
    const body = { username: 'greta', name: 'Greta' };
    const first = await bridge.call<{ password: string }>(shop.key, 'POST', '/api/v1/operators', body, {
      'idempotency-key': 'k6',
    });
    const again = await bridge.call<{ password: string }>(shop.key, 'POST', '/api/v1/operators', body, {
      'idempotency-key': 'k6',
    });
    expect(first.body.password).to.match(/^[\w-]{22}$/);
    expect(again.body).to.deep.equal(first.body);
    const stored = (await bridge.query("SELECT receipts.answer FROM receipts WHERE receipts.id = 'k6'"))[0]?.[
      'answer'
    ] as string;
    expect(stored).not.to.contain(first.body.password);
    expect(Buffer.from(stored, 'base64').toString('latin1')).not.to.contain(first.body.password);
  });

  it('leaves nothing that two equal requests have in common, from which one could be guessed', async () => {
    const both = { username: 'eve', name: 'Eve', password: '1234567890' };
    for (const [{ key }, id] of [
      [shop, 'k7'],
      [other, 'k8'],
    ] as const)
      expect((await bridge.call(key, 'POST', '/api/v1/operators', both, { 'idempotency-key': id })).status).to.equal(
        201,
      );
    const [one, two] = await bridge.query(
      "SELECT receipts.* FROM receipts WHERE receipts.id IN ('k7', 'k8') ORDER BY receipts.id",
    );
    const alike = Object.keys(one ?? {}).filter((column) => String(one?.[column]) === String(two?.[column]));
    expect(alike.filter((column) => column !== 'received_at')).to.deep.equal(['status']);
  });

  it('is refused when it isn’t a key', async () => {
    for (const key of ['with space', 'x'.repeat(101)]) {
      const answer = await bridge.call(shop.key, 'POST', '/api/v1/chats', chat, { 'idempotency-key': key });
      expect([answer.status, answer.body['code']]).to.deep.equal([422, 'invalid_request']);
    }
  });
});
