import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { startBridge, type TestBridge } from './bridge.js';
import { startReceiver, type Receiver } from './receiver.js';

type Instance = { id: number; key: string; department: number };
interface Set {
  url: string;
  secrets: number;
  secret?: string;
}

describe('the callback address of a helpdesk', () => {
  let bridge: TestBridge;
  let receiver: Receiver;
  let tenants = 0;

  before(async () => {
    bridge = await startBridge();
  });
  after(() => bridge.stop());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  const put = (instance: Instance, body: unknown) =>
    bridge.call<Set>(instance.key, 'PUT', '/api/v1/instance/callback', body);
  /** An instance whose callbacks come to the receiver. */
  const tenant = async (): Promise<Instance & { secret: string }> => {
    const instance = await bridge.instance(`t${(tenants += 1)}`);
    const { body } = await put(instance, { url: receiver.url });
    return { ...instance, secret: body.secret ?? '' };
  };

  it('signs by the new and the earlier secret while they are changed over, and then by the new one', async () => {
    const shop = await tenant();
    const rotated = await put(shop, { url: receiver.url, rotate: true });
    expect(rotated.body.secrets).to.equal(2);
    const newest = rotated.body.secret ?? '';
    await bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test');
    const verify = (secret: string) =>
      new Webhook(secret).verify(
        receiver.received.at(-1)?.raw ?? '',
        receiver.received.at(-1)?.headers as Record<string, string>,
      );
    for (const secret of [newest, shop.secret]) verify(secret);
    const settled = await put(shop, { url: receiver.url });
    expect(settled.body).to.deep.equal({ url: receiver.url, secrets: 1 });
    await bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test');
    verify(newest);
    expect(() => verify(shop.secret)).to.throw();
    const given = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    expect((await put(shop, { url: receiver.url, secret: given })).body).to.deep.equal({
      url: receiver.url,
      secrets: 1,
    });
    await bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test');
    verify(given);
    const shown = await bridge.call(shop.key, 'GET', '/api/v1/instance/callback');
    expect(shown.body).to.deep.equal({ url: receiver.url, secrets: 1 });
    const [row] = await bridge.query(
      'SELECT instances.callback_secrets_box AS box FROM instances WHERE instances.id = ?',
      [shop.id],
    );
    expect((row?.['box'] as Buffer).toString('latin1')).not.to.contain('whsec_');
    const audit = JSON.stringify(
      await bridge.query('SELECT audit.details FROM audit WHERE audit.instance_id = ?', [shop.id]),
    );
    expect(audit).not.to.contain('whsec_');
  });

  it('is shown, and kept in the record, without what may let somebody in; callbacks have it', async () => {
    const shop = await bridge.instance('query');
    const url = `${receiver.url}?site=7&token=geheim-geheim`;
    const shown = `${receiver.url}?site=…&token=…`;
    expect((await put(shop, { url })).body.url).to.equal(shown);
    expect((await bridge.call(shop.key, 'GET', '/api/v1/instance/callback')).body).to.include({ url: shown });
    expect((await bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test')).body).to.include({
      delivered: true,
    });
    expect(receiver.received.at(-1)?.url).to.equal('/callback?site=7&token=geheim-geheim');
    const kept = [
      ...(await bridge.query('SELECT instances.* FROM instances')),
      ...(await bridge.query('SELECT audit.* FROM audit')),
    ];
    const text = kept
      .map((row) =>
        Object.values(row)
          .map((value) => String(value))
          .join(' '),
      )
      .join('\n');
    expect(text).to.contain(shown).and.not.contain('geheim');
  });

  it('can be tried, and the answer says what is wrong', async () => {
    const shop = await tenant();
    const attempt = () => bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test');
    expect((await attempt()).body).to.include({ delivered: true, status: 200 });
    receiver.answer = 401;
    expect((await attempt()).body).to.include({ delivered: false, status: 401, reason: 'HTTP 401' });
    await bridge.call(shop.key, 'DELETE', '/api/v1/instance/callback');
    expect((await attempt()).body).to.include({ delivered: false, reason: 'no callback address' });
  });

  it('is refused when it isn’t one, with secrets that aren’t, and to a key without the scope', async () => {
    const shop = await bridge.instance('strict');
    const bodies = [
      { url: 'not an address' },
      { url: 'ftp://shop.example/' },
      { url: 'https://user:secret@shop.example/' },
      { url: 'https://shop.example/#top' },
      { url: `https://shop.example/${'x'.repeat(1000)}` },
      { url: receiver.url, secret: 'letmein' },
      { url: receiver.url, secret: `whsec_${Buffer.alloc(16).toString('base64')}` },
      { url: receiver.url, retries: 3 },
      {},
    ];
    for (const body of bodies) expect((await put(shop, body)).status, JSON.stringify(body).slice(0, 80)).to.equal(422);
    const key = await bridge.key(shop.id, ['visitors', 'chats', 'operators', 'desks']);
    for (const [method, path] of [
      ['GET', '/instance/callback'],
      ['PUT', '/instance/callback'],
      ['DELETE', '/instance/callback'],
      ['POST', '/instance/callback/test'],
      ['GET', '/outbox'],
      ['GET', '/outbox/dead'],
    ] as const) {
      expect(
        (await bridge.call(key, method, `/api/v1${path}`, method === 'PUT' ? { url: receiver.url } : undefined)).status,
        path,
      ).to.equal(403);
    }
    expect((await bridge.call(shop.key, 'GET', '/api/v1/instance/callback')).body).to.deep.equal({
      url: null,
      secrets: 0,
    });
  });
});

describe('the callback address where the bridge may not reach private networks', () => {
  let bridge: TestBridge;
  before(async () => {
    bridge = await startBridge({ allowPrivate: false });
  });
  after(() => bridge.stop());

  it('needs TLS, and nothing ever comes to an address inside', async () => {
    const receiver = await startReceiver();
    const shop = await bridge.instance('main');
    expect((await bridge.call(shop.key, 'PUT', '/api/v1/instance/callback', { url: receiver.url })).status).to.equal(
      422,
    );
    const inside = `https://127.0.0.1:${receiver.port}/`;
    expect((await bridge.call(shop.key, 'PUT', '/api/v1/instance/callback', { url: inside })).status).to.equal(200);
    const tried = await bridge.call(shop.key, 'POST', '/api/v1/instance/callback/test');
    expect(tried.body).to.include({ delivered: false, status: null });
    expect(tried.body['reason']).to.contain('private or reserved network');
    expect(receiver.connections()).to.equal(0);
    await receiver.stop();
  });
});
