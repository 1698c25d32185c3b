import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { randomWebhookSecret } from '../../../bridge/stack/private-files.js';
import { TestFoyer } from '../../support/bridge.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { Door, lastAnswer, RawConnection, signed, type Answered, type Call } from './door.js';
import { fingerprint } from './record.js';

const PATH = '/hooks/ejabberd';
const NEWER = randomWebhookSecret();
const OLDER = randomWebhookSecret();
const MEGABYTE = 1_048_576;
/** Of each kind. */
const SLOW = 50;

describe('the door of mod_foyer', () => {
  let foyer: TestFoyer;
  let door: Door;
  let page: Page;
  let chatId: number;
  let slow: Record<'headers' | 'body' | 'endless' | 'unread', RawConnection[]>;

  before(async () => {
    foyer = await TestFoyer.start({
      environment: { FOYER_HOOKS_SECRETS: `${NEWER},${OLDER}`, FOYER_PROCESS_ROLES: 'http,deliver' },
    });
    // This file is mod_foyer; the real one has other secrets.
    foyer.gate.behave = { answer: 503 };
    await foyer.addOperator('anna', 'Anna');
    page = foyer.page();
    await page.visit();
    ({ id: chatId } = await page.startChat('Hello'));
    door = new Door(foyer.base);
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'what this set off is done');
    slow = {
      headers: await openSlow(`POST ${PATH} HTTP/1.1\r\nHost: x\r\n`, 'x-header: y\r\n'),
      body: await openSlow(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n`, '{"version": 1}'),
      endless: await openSlow(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`, '1\r\n{\r\n'),
      unread: await openSlow(`POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n`, '{"version": 1}'),
    };
  });

  after(async () => {
    for (const connection of Object.values(slow).flat()) connection.end();
    door.close();
    await foyer.stop();
  });

  async function openSlow(begin: string, pieces: string): Promise<RawConnection[]> {
    return Promise.all(
      Array.from({ length: SLOW }, async () => {
        const connection = await RawConnection.open(foyer.settings.http.port);
        connection.write(begin);
        connection.drip(pieces, 250);
        return connection;
      }),
    );
  }

  let counter = 0;
  function batch(text: string, id = `event-${(counter += 1)}`): string {
    const { host } = foyer.settings.ejabberd;
    const addressed = { from: `anna@${host}/x`, to: foyer.contact(page) };
    const event = { id, at: new Date().toISOString(), kind: 'message', ...addressed, body: text };
    return JSON.stringify({ version: 1, host, node: 'test@localhost', events: [event] });
  }

  const post = (body: Buffer | string, headers: Record<string, string>, more: Partial<Call> = {}) =>
    door.call({ method: 'POST', path: PATH, body, headers, ...more });
  const texts = async () => (await page.messages(chatId)).map(({ text }) => text);

  async function figure(pattern: RegExp): Promise<number> {
    const { text } = await door.call({ method: 'GET', path: '/metrics' });
    return Number(pattern.exec(text)?.[1] ?? 0);
  }
  const refusals = (reason: string) =>
    figure(new RegExp(`^foyer_hooks_refused_total\\{reason="${reason}"\\} (\\d+)`, 'm'));
  const answers = (door: string, status: number) =>
    figure(
      new RegExp(`^foyer_http_request_seconds_count\\{door="${door}",route="[^"]*",status="${status}"\\} (\\d+)`, 'm'),
    );

  /**
   * The call is refused with this, counted once under this reason, and changes nothing. What an earlier call set off may still be coming in, so that a change is
   * looked at again: a refusal that writes would write each time.
   */
  async function expectRefusal(reason: string, status: number, code: string, call: () => Promise<Answered>) {
    await until(async () => {
      const [before, counted] = [await fingerprint(foyer), await refusals(reason)];
      const answer = await call();
      expect([answer.status, answer.type], answer.text).to.deep.equal([status, 'application/problem+json']);
      expect(JSON.parse(answer.text)).to.include({ code });
      expect(await refusals(reason)).to.equal(counted + 1);
      return JSON.stringify(await fingerprint(foyer)) === JSON.stringify(before);
    }, `a refusal (${reason}) that changes nothing`);
  }

  it('takes what either secret has signed, while they are changed', async () => {
    for (const secret of [NEWER, OLDER]) {
      const body = batch(`by ${secret.slice(0, 8)}`);
      expect((await post(body, signed(secret, body))).status).to.equal(200);
    }
    expect(await texts()).to.have.length(3);
  });

  it('counts a batch that is sent again under the same id once', async () => {
    const body = batch('once');
    const headers = signed(NEWER, body, { id: 'again' });
    const outcomes = [];
    for (let i = 0; i < 3; i += 1) outcomes.push(JSON.parse((await post(body, headers)).text) as unknown);
    expect(outcomes.map((one) => (one as { results: { status: string }[] }).results[0]?.status)).to.deep.equal([
      'stored',
      'duplicate',
      'duplicate',
    ]);
    expect((await texts()).filter((text) => text === 'once')).to.have.length(1);
  });

  it('takes what is 4 minutes old or early, and nothing older or earlier', async () => {
    for (const secondsAgo of [240, -240]) {
      const body = batch('in time');
      expect((await post(body, signed(NEWER, body, { secondsAgo }))).status).to.equal(200);
    }
    const body = batch('out of time');
    for (const [secondsAgo, reason] of [
      [310, 'too_old'],
      [86_400, 'too_old'],
      [-310, 'too_new'],
    ] as const)
      await expectRefusal(reason, 401, 'signature_invalid', () => post(body, signed(NEWER, body, { secondsAgo })));
  });

  it('refuses a call without one of the headers, or with one that says nothing', async () => {
    const body = batch('unsigned');
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const { [name]: _left, ...rest } = signed(NEWER, body);
      await expectRefusal('missing', 401, 'signature_invalid', () => post(body, rest));
      await expectRefusal('missing', 401, 'signature_invalid', () => post(body, { ...rest, [name]: '' }));
    }
    await expectRefusal('malformed', 401, 'signature_invalid', () =>
      post(body, { ...signed(NEWER, body), 'webhook-timestamp': 'now' }),
    );
  });

  it('refuses another’s signature, another id, and a body with one byte changed', async () => {
    const body = batch('genuine');
    const headers = signed(NEWER, body);
    const changed = Buffer.from(body);
    changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
    const wrong = () => expectRefusal.bind(null, 'mismatch', 401, 'signature_invalid');
    await wrong()(() => post(body, signed(randomWebhookSecret(), body)));
    await wrong()(() => post(body, { ...headers, 'webhook-id': 'another' }));
    await wrong()(() => post(changed, headers));
    await wrong()(() => post(`${body} `, headers));
    await wrong()(() => post(body, { ...headers, 'webhook-signature': 'v1,' }));
    await wrong()(() => post('', headers));
  });

  it('refuses another content type, a compressed body, and what is no batch', async () => {
    const body = batch('odd');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '']) {
      await expectRefusal('unsupported_media_type', 415, 'unsupported_media_type', () =>
        post(body, { ...signed(NEWER, body), 'content-type': type }),
      );
    }
    const packed = gzipSync(body);
    await expectRefusal('unsupported_media_type', 415, 'unsupported_media_type', () =>
      post(packed, { ...signed(NEWER, packed), 'content-encoding': 'gzip' }),
    );
    await expectRefusal('invalid_json', 400, 'invalid_json', () => post(packed, signed(NEWER, packed)));
    const empty = JSON.stringify({ version: 1, host: 'x', node: 'x', events: [] });
    await expectRefusal('invalid_request', 422, 'invalid_request', () => post(empty, signed(NEWER, empty)));
  });

  it('refuses other methods, and says which it takes', async () => {
    const body = batch('put');
    const before = [await fingerprint(foyer), await answers('hooks', 405)];
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await door.call({ method, path: PATH, body, headers: signed(NEWER, body) });
      expect([answer.status, answer.type]).to.deep.equal([405, 'application/problem+json']);
      expect(answer.text).to.contain('method_not_allowed').and.to.contain('POST');
    }
    expect([await fingerprint(foyer), (await answers('hooks', 405)) - 4]).to.deep.equal(before);
  });

  it('refuses a body of 10 MB, declared or not, and goes on over the same connection', async () => {
    const chunk = Buffer.alloc(MEGABYTE, 0x20);
    const before = [await fingerprint(foyer), await refusals('body_too_large')];
    for (const chunked of [false, true]) {
      const connection = await RawConnection.open(foyer.settings.http.port);
      const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${10 * MEGABYTE}`;
      connection.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n`);
      for (let i = 0; i < 10; i += 1) {
        if (chunked) connection.write(`${MEGABYTE.toString(16)}\r\n`);
        connection.write(chunk);
        if (chunked) connection.write('\r\n');
      }
      if (chunked) connection.write('0\r\n\r\n');
      await until(() => connection.received.includes('}'), 'a refusal');
      expect(lastAnswer(connection.received)).to.deep.equal({ status: 413, code: 'body_too_large' });
      connection.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => connection.received.includes('{"status":"ok"}'), 'the next answer over this connection');
      connection.end();
    }
    expect([await fingerprint(foyer), (await refusals('body_too_large')) - 2]).to.deep.equal(before);
  });

  it('refuses headers without measure and what isn’t HTTP, and ends that connection alone', async () => {
    const before = await fingerprint(foyer);
    const cases = [
      [
        431,
        'headers_too_large',
        `POST ${PATH} HTTP/1.1\r\nHost: x\r\nwebhook-signature: ${'v1,x '.repeat(20_000)}\r\n\r\n`,
      ],
      [431, 'headers_too_large', `POST ${PATH}?${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
      [400, 'malformed_http', `POST ${PATH} HTTP/9.9\r\n\r\n`],
      [
        400,
        'malformed_http',
        `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ],
      [400, 'malformed_http', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ] as const;
    for (const [status, code, bytes] of cases) {
      const counted = await answers('other', status);
      const connection = await RawConnection.open(foyer.settings.http.port);
      connection.write(bytes);
      await until(() => connection.over, 'the end of the connection');
      expect(lastAnswer(connection.received), bytes.slice(0, 60)).to.deep.equal({ status, code });
      expect(await answers('other', status)).to.equal(counted + 1);
    }
    expect(await fingerprint(foyer)).to.deep.equal(before);
  });

  it('ends connections that send slowly, and has served everybody else meanwhile', async function () {
    this.timeout(60_000);
    const body = batch('meanwhile');
    expect((await post(body, signed(NEWER, body))).status).to.equal(200);
    expect(await texts()).to.include('meanwhile');
    const all = Object.values(slow).flat();
    await until(() => all.every(({ over }) => over), 'the end of every slow connection', 50);
    const outcome = (kind: keyof typeof slow) => [
      ...new Set(slow[kind].map(({ received }) => lastAnswer(received).code)),
    ];
    expect(outcome('headers')).to.deep.equal(['request_timeout']);
    for (const kind of ['body', 'endless', 'unread'] as const)
      for (const { received } of slow[kind])
        expect(received, kind).to.match(/"code":"(invalid_request|route_not_found)"/);
    expect(await refusals('invalid_request')).to.be.at.least(2 * SLOW);
  });
});
