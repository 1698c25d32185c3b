import { createServer as createTlsServer } from 'node:https';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import type { CallbackTarget } from '../../../bridge/domain/instances/callback.js';
import type { DueEntry } from '../../../bridge/domain/outbox/entry.js';
import type { ClaimedLane } from '../../../bridge/domain/outbox/lane.js';
import type { Lookup } from '../../../bridge/outbound/helpdesk/address-guard.js';
import { HelpdeskCourier } from '../../../bridge/outbound/helpdesk/courier.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { startReceiver, type Receiver } from '../helpdesk-api/receiver.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const LANE: ClaimedLane = {
  owner: 1,
  name: 'h:1:c1',
  target: 'helpdesk',
  instanceId: 1,
  accountId: null,
  attempts: 0,
  pushed: 1,
};
const CREATED = new Date('2026-11-21T10:00:00.000Z');

function entries(count: number): DueEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    instanceId: 1,
    entry: {
      kind: 'helpdesk.callback',
      type: 'operator.message',
      data: { text: `number ${i + 1} “é”` },
      at: CREATED.toISOString(),
    },
    attempts: 0,
    createdAt: CREATED,
  }));
}

interface Options {
  target?: Partial<CallbackTarget>;
  allowPrivateAddresses?: boolean;
  timeoutMs?: number;
  resolve?: Lookup;
}

describe('callbacks', () => {
  let receiver: Receiver;
  const couriers: HelpdeskCourier[] = [];

  function courier({ target, ...options }: Options = {}): HelpdeskCourier {
    const made = new HelpdeskCourier({
      targets: { get: async () => ({ instanceName: 'main', url: receiver.url, secrets: [SECRET], ...target }) },
      clock: systemClock,
      ids: randomIds,
      version: '1.2.3',
      timeoutMs: 1_000,
      allowPrivateAddresses: true,
      ...options,
    });
    couriers.push(made);
    return made;
  }

  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    for (const one of couriers.splice(0)) one.close();
    await receiver.stop();
  });

  it('arrive in order over one connection, signed so that the standardwebhooks library accepts them', async () => {
    const outcomes = await courier().serve(LANE, entries(5));
    expect(outcomes).to.deep.equal(Array(5).fill({ result: 'done' }));
    expect(receiver.received.map(({ body }) => body.data['text'])).to.deep.equal(
      [1, 2, 3, 4, 5].map((n) => `number ${n} “é”`),
    );
    expect(receiver.connections()).to.equal(1);
    const [first] = receiver.received;
    const verified = new Webhook(SECRET).verify(first?.raw ?? '', first?.headers as Record<string, string>);
    expect(verified).to.deep.equal({
      type: 'operator.message',
      timestamp: CREATED.toISOString(),
      instance: 'main',
      data: { text: 'number 1 “é”' },
    });
    expect(first?.headers['user-agent']).to.equal('Foyer/1.2.3');
    expect(() => new Webhook(OLD_SECRET).verify(first?.raw ?? '', first?.headers as Record<string, string>)).to.throw();
  });

  it('carry a signature by each secret while they are changed over', async () => {
    await courier({ target: { secrets: [SECRET, OLD_SECRET] } }).serve(LANE, entries(1));
    const [only] = receiver.received;
    for (const secret of [SECRET, OLD_SECRET])
      new Webhook(secret).verify(only?.raw ?? '', only?.headers as Record<string, string>);
  });

  it('stop at the first that fails, so that none overtakes it, and keep their ids at the next try', async () => {
    receiver.answer = (response, count) => void response.writeHead(count === 2 ? 500 : 200).end('secret diagnostics');
    const list = entries(4);
    const outcomes = await courier().serve(LANE, list);
    expect(outcomes.map(({ result }) => result)).to.deep.equal(['done', 'retry', 'retry', 'retry']);
    expect(outcomes[1]).to.deep.equal({ result: 'retry', reason: 'HTTP 500' });
    expect(receiver.received).to.have.length(2);
    receiver.answer = 200;
    expect((await courier().serve(LANE, list.slice(1))).map(({ result }) => result)).to.deep.equal([
      'done',
      'done',
      'done',
    ]);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[1]).to.equal(ids[2]);
    expect(new Set(ids).size).to.equal(4);
    expect(ids[0]).to.match(/^foyer_1_/);
  });

  it('say of typing only the newest, once, and never behind words that wait', async () => {
    const typing = (id: number, createdAt = new Date()): DueEntry => ({
      ...{ id, instanceId: 1, attempts: 0, createdAt },
      entry: { kind: 'helpdesk.callback', type: 'operator.typing', data: { text: `typing ${id}` }, at: '' },
    });
    const [words] = entries(1) as [DueEntry];
    const told = () => receiver.received.splice(0).map(({ body }) => body.data['text']);
    expect(await courier().serve(LANE, [typing(1), words, typing(2)])).to.deep.equal([
      ...[{ result: 'done', unsent: true }, { result: 'done' }, { result: 'done' }],
    ]);
    expect(told()).to.deep.equal(['number 1 “é”', 'typing 2']);
    await courier().serve(LANE, [typing(3, CREATED)]);
    expect(told(), 'old').to.deep.equal([]);
    receiver.answer = 500;
    expect(await courier().serve(LANE, [typing(4), words])).to.deep.equal([
      ...[
        { result: 'done', unsent: true },
        { result: 'retry', reason: 'HTTP 500' },
      ],
    ]);
    told();
    expect((await courier().serve(LANE, [words, typing(5)])).map(({ result }) => result)).to.deep.equal([
      'retry',
      'done',
    ]);
    expect(told(), 'behind words that wait').to.deep.equal(['number 1 “é”']);
  });

  it('have other ids when another database numbers them the same', async () => {
    const [one] = entries(1);
    await courier().serve(LANE, [one as DueEntry]);
    await courier().serve(LANE, [{ ...(one as DueEntry), createdAt: new Date('2027-01-01T00:00:00Z') }]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).to.equal(2);
  });

  for (const status of [400, 401, 403, 404, 413, 422, 500, 502]) {
    it(`are tried again after HTTP ${status}`, async () => {
      receiver.answer = status;
      expect(await courier().serve(LANE, entries(1))).to.deep.equal([{ result: 'retry', reason: `HTTP ${status}` }]);
    });
  }

  it('are given up after HTTP 410, one by one', async () => {
    receiver.answer = (response, count) => void response.writeHead(count === 1 ? 410 : 204).end();
    const outcomes = await courier().serve(LANE, entries(2));
    expect(outcomes).to.deep.equal([
      { result: 'dead', reason: 'gone: HTTP 410', refusal: { code: 'gone', detail: '' } },
      { result: 'done' },
    ]);
  });

  it('wait as long as Retry-After says, an hour at most', async () => {
    receiver.answer = (response, count) =>
      void response.writeHead(count === 1 ? 429 : 503, { 'retry-after': count === 1 ? '7' : '86400' }).end();
    const [first] = await courier().serve(LANE, entries(1));
    const [second] = await courier().serve(LANE, entries(1));
    expect(first).to.deep.equal({ result: 'retry', reason: 'HTTP 429', afterMs: 7_000 });
    expect(second).to.deep.equal({ result: 'retry', reason: 'HTTP 503', afterMs: 3_600_000 });
  });

  it('take no redirect, wherever it leads', async () => {
    const other = await startReceiver();
    receiver.answer = (response) => void response.writeHead(307, { location: other.url }).end();
    const [outcome] = await courier().serve(LANE, entries(1));
    await other.stop();
    expect(outcome).to.deep.equal({ result: 'retry', reason: 'HTTP 307 (redirects are not followed)' });
    expect(other.received).to.deep.equal([]);
  });

  it('are tried again when nobody listens', async () => {
    const { url } = receiver;
    await receiver.stop();
    const [outcome] = await courier({ target: { url } }).serve(LANE, entries(1));
    expect(outcome).to.have.property('result', 'retry');
    expect(outcome).to.have.property('reason').that.contains('ECONNREFUSED');
  });

  it('are tried again when the answer takes too long', async () => {
    receiver.answer = () => undefined;
    const [outcome] = await courier({ timeoutMs: 100 }).serve(LANE, entries(1));
    expect(outcome).to.deep.equal({ result: 'retry', reason: 'no answer within 0.1 s' });
  });

  it('count by the status alone: an endless answer is cut off, and neither stored nor waited for', async () => {
    receiver.answer = (response) => {
      response.writeHead(200);
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    };
    expect(await courier().serve(LANE, entries(1))).to.deep.equal([{ result: 'done' }]);
    receiver.answer = (response) => void response.writeHead(200).write('begun, never ended');
    expect(await courier({ timeoutMs: 150 }).serve(LANE, entries(1))).to.deep.equal([{ result: 'done' }]);
  });

  it('have nowhere to go when the address was taken away', async () => {
    const outcomes = await courier({ target: { url: null } }).serve(LANE, entries(2));
    expect(outcomes).to.deep.equal(Array(2).fill({ result: 'dead', reason: 'no callback address' }));
    expect(receiver.received).to.deep.equal([]);
  });

  it('are never sent unsigned', async () => {
    const [outcome] = await courier({ target: { secrets: [] } }).serve(LANE, entries(1));
    expect(outcome).to.deep.equal({ result: 'retry', reason: 'there is no secret to sign with' });
    expect(receiver.received).to.deep.equal([]);
  });

  describe('to private networks', () => {
    it('are refused when the address names one', async () => {
      for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '169.254.169.254', '10.1.2.3']) {
        const [outcome] = await courier({
          allowPrivateAddresses: false,
          target: { url: `http://${host}:${receiver.port}/` },
        }).serve(LANE, entries(1));
        expect(outcome, host).to.have.property('reason').that.contains('private or reserved network');
      }
      expect(receiver.received).to.deep.equal([]);
    });

    it('are refused when a name leads there, also beside a public address', async () => {
      const answers = [
        [{ address: '127.0.0.1', family: 4 }],
        [
          { address: '93.184.215.14', family: 4 },
          { address: '::1', family: 6 },
        ],
      ];
      for (const found of answers) {
        const resolve: Lookup = (_name, _options, answer) => answer(null, found);
        const [outcome] = await courier({
          allowPrivateAddresses: false,
          resolve,
          target: { url: `http://shop.example:${receiver.port}/` },
        }).serve(LANE, entries(1));
        expect(outcome).to.have.property('reason').that.contains('private or reserved network');
      }
      expect(receiver.received).to.deep.equal([]);
    });

    it('are let through where that is configured', async () => {
      expect(await courier().serve(LANE, entries(1))).to.deep.equal([{ result: 'done' }]);
    });
  });

  describe('over TLS', () => {
    let dir: string;
    let port: number;
    let close: () => void;
    let hits = 0;

    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'foyer-tls-'));
      const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '2',
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=DNS:localhost',
          '-keyout',
          key,
          '-out',
          cert,
        ],
        { stdio: 'ignore' },
      );
      const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (_request, response) => {
        hits += 1;
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
      close = () => void server.close();
    });
    after(async () => {
      close();
      await rm(dir, { recursive: true });
    });

    it('don’t go to a server whose certificate nobody vouches for', async () => {
      const [outcome] = await courier({ target: { url: `https://localhost:${port}/` } }).serve(LANE, entries(1));
      expect(outcome).to.have.property('reason').that.contains('SELF_SIGNED');
      expect(hits).to.equal(0);
    });
  });

  it('can be tried at once, and say what came of it', async () => {
    const good = await courier().test(1);
    expect(good).to.include({ delivered: true, status: 200, reason: '' });
    expect(receiver.received[0]?.body).to.include({ type: 'callback.test', instance: 'main' });
    receiver.answer = 403;
    expect(await courier().test(1)).to.include({ delivered: false, status: 403, reason: 'HTTP 403' });
    expect(await courier({ target: { url: null } }).test(1)).to.include({
      delivered: false,
      status: null,
      reason: 'no callback address',
    });
  });
});
