import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { PublishedApi } from '../../support/published-api.js';
import { until } from '../../support/until.js';
import { beginTalk, type Talk } from './talk.js';

describe('the visitor API as it is published', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let api: PublishedApi;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_LIMITS_LISTENERS_PER_VISITOR: '1' } });
    anna = await foyer.operator('anna', 'Anna');
    api = await PublishedApi.of(foyer.base);
  });
  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });
  after(() => foyer.stop());

  /** A call of the page, held against the document. */
  async function call(method: string, path: string, body?: unknown): Promise<number> {
    const answer = await talk.page.call(method, path, body);
    api.check(method, `/visitor/v1${path}`, answer);
    return answer.status;
  }

  it('is what the bridge answers, also when it refuses', async () => {
    const chat = `/chats/${talk.chatId}`;
    const calls: [string, string, unknown, number][] = [
      ['POST', '/visits', { desk: 'main', page: { url: 'https://shop.example/a' } }, 200],
      ['POST', '/visits', { desk: 'main', custom: { plan: 'gold' } }, 200],
      ['POST', '/visits', { desk: 'main', custom: { plan: 1 } }, 422],
      ['POST', '/visits', { desk: 'nowhere' }, 404],
      ['GET', '/desks/main', undefined, 200],
      ['GET', '/desks/nowhere', undefined, 404],
      ['GET', '/desks/main?instance=%C3%A9', undefined, 404],
      ['POST', '/chats', { desk: 'main', text: 'And' }, 200],
      ['GET', chat, undefined, 200],
      ['GET', '/chats/999999', undefined, 404],
      ['POST', `${chat}/messages`, { client_message_id: 'a', text: 'one' }, 202],
      ['POST', `${chat}/messages`, { messages: [{ client_message_id: 'b', text: 'two' }] }, 202],
      ['POST', `${chat}/messages`, { client_message_id: 'c', text: 'x'.repeat(100_000) }, 413],
      ['POST', `${chat}/messages`, { text: 'no id' }, 422],
      ['POST', `${chat}/typing`, { typing: true }, 204],
      ['POST', `${chat}/seen`, { number: 1 }, 204],
      ['GET', `/events?cursor=${talk.chatId}.0&wait=0`, undefined, 200],
      ['GET', `/events?cursor=${talk.chatId}.9999&wait=0`, undefined, 200],
      ['GET', '/events?cursor=x', undefined, 422],
      ['POST', `${chat}/close`, {}, 200],
      ['POST', `${chat}/messages`, { client_message_id: 'd', text: 'late' }, 409],
    ];
    for (const [method, path, body, status] of calls) expect(await call(method, path, body), path).to.equal(status);
    const [visitor] = await foyer.select('SELECT custom FROM visitors WHERE id = ?', [talk.page.visitorId]);
    expect(visitor).to.deep.equal({ custom: '{"plan":"gold"}' });
    talk.page.token = 'nobody';
    expect(await call('GET', chat)).to.equal(401);
    talk.page.token = undefined;
    expect(await call('POST', '/visits', { desk: 'main', instance: 'é' })).to.equal(404);
  });

  it('lets pages of other sites send every header that it reads, and read every header that it tells of', async () => {
    interface Operation {
      parameters?: { name: string; in: string }[];
      responses: Record<string, { headers?: Record<string, unknown> }>;
    }
    const { paths } = (await (await fetch(`${foyer.base}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      path.startsWith('/visitor/') ? Object.values(item) : [],
    );
    const read = operations.flatMap(({ parameters = [] }) => parameters.filter((one) => one.in === 'header'));
    const told = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ headers }) => Object.keys(headers ?? {})),
    );
    const ask = (method: string, headers: Record<string, string>) =>
      fetch(`${foyer.base}/visitor/v1/events?wait=0`, {
        method,
        headers: { origin: 'https://shop.example', ...headers },
      });
    const list = (response: Response, name: string) => (response.headers.get(name) ?? '').toLowerCase().split(', ');
    const preflight = await ask('OPTIONS', { 'access-control-request-method': 'GET' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).to.deep.equal([
      204,
      'https://shop.example',
    ]);
    const sent = ['authorization', 'content-type', ...read.map(({ name }) => name.toLowerCase())];
    expect(sent).to.include('last-event-id');
    expect(list(preflight, 'access-control-allow-headers')).to.include.members(sent);
    const refused = await ask('GET', {});
    expect(refused.status).to.equal(401);
    expect(told).to.include('Retry-After');
    expect(list(refused, 'access-control-expose-headers')).to.include.members(told.map((name) => name.toLowerCase()));
  });

  it('is what a stream tells, and one listener too many is told when to come back', async () => {
    const over = new AbortController();
    const response = await fetch(`${foyer.base}/visitor/v1/events`, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${talk.page.token}`,
        'last-event-id': `${talk.chatId}.0`,
      },
      signal: over.signal,
    });
    api.check('GET', '/visitor/v1/events', { status: response.status, headers: response.headers, body: undefined });
    const events: { kind: string }[] = [];
    const reading = (async () => {
      let rest = '';
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data !== undefined) events.push(JSON.parse(data) as { kind: string });
        }
      }
    })().catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
    expect(await call('GET', '/events?wait=0')).to.equal(429);
    const misspelt = await anna.say(talk.contact, 'An answr');
    await anna.say(talk.contact, 'An answer', { replaces: misspelt });
    await until(() => new Set(events.map(({ kind }) => kind)).size >= 4, 'events of four kinds');
    over.abort();
    await reading;
    expect(events.map(({ kind }) => kind)).to.include.members(['chat', 'message', 'states', 'message_updated']);
    for (const event of events) api.checkEvent('GET', '/visitor/v1/events', event);
  });
});
