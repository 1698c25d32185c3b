import { expect } from 'chai';
import { ensureServiceAccount } from '../../../bridge/domain/accounts/service-account.js';
import type { HelpdeskApiDeps } from '../../../bridge/inbound/helpdesk-api/deps.js';
import { helpdeskRoutes } from '../../../bridge/inbound/helpdesk-api/routes.js';
import { HOSTILE } from '../../support/hostile-texts.js';
import { startBridge, type TestBridge } from './bridge.js';

const IDS = [
  '0',
  '-1',
  '1.5',
  '1e3',
  '0x10',
  '９',
  '9007199254740993',
  '99999999999999999999',
  'NaN',
  '%00',
  '%ff',
  '%E0%A4%A',
  '..%2f..',
  "1'--",
  'x'.repeat(3_000),
];
const BODIES = [
  '',
  'null',
  '[]',
  '"text"',
  '5',
  '{}',
  '{"__proto__":{"a":1}}',
  '{"constructor":1}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  '{"text":"a"',
  '\u0000',
  '{"a":1e999}',
];
const TEXTS = [...HOSTILE.map(({ text }) => text), '𝕳😀'.repeat(60), 'ẞ'.repeat(190), '\t\n', '日'.repeat(1900)];

/** What the calls say about themselves is enough to call each of them wrongly. */
const routes = helpdeskRoutes({ shutdown: new AbortController().signal } as HelpdeskApiDeps);

describe('a helpdesk that sends nonsense', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    await ensureServiceAccount(bridge.transactions, 'foyer.localhost', 'foyer');
  });
  after(() => bridge.stop());

  const attempt = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const response = await fetch(bridge.origin + path, {
      method,
      headers: { authorization: `Bearer ${shop.key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined || method === 'GET' ? {} : { body }),
    });
    const text = await response.text();
    expect(response.status, `${method} ${path} ${String(body).slice(0, 80)}: ${text.slice(0, 200)}`).to.be.below(500);
    if (response.status >= 400) expect(JSON.parse(text), path).to.include.keys('code', 'request_id');
  };

  it('is refused at every call with a code, and never breaks one', async function () {
    this.timeout(60_000);
    for (const { method, path } of routes) {
      const at = (id: string) => `/api/v1${path.replace(/:\w+/, id)}`;
      if (path.includes(':')) for (const id of IDS) await attempt(method.toUpperCase(), at(id), '{}');
      if (method !== 'get') for (const body of BODIES) await attempt(method.toUpperCase(), at('1'), body);
      await attempt(method.toUpperCase(), `${at('1')}?${'a=1&'.repeat(500)}after=x&limit[]=1&cursor=%00`, '{}');
    }
  });

  it('may write any text into any field', async function () {
    this.timeout(60_000);
    for (const text of TEXTS) {
      // Node itself refuses an address beyond 16 KB.
      const id = encodeURIComponent(text.slice(0, 500).toWellFormed());
      await attempt(
        'PUT',
        `/api/v1/visitors/${id}/presence`,
        JSON.stringify({ nick: text, user_agent: text, page: { url: text, title: text, referrer: text } }),
      );
      await attempt(
        'PUT',
        '/api/v1/visitors/1/presence',
        JSON.stringify({ page: { url: `https://shop.example/${text}`, referrer: `https://shop.example/${text}` } }),
      );
      await attempt('GET', `/api/v1/visitors/${id}`);
      await attempt(
        'POST',
        '/api/v1/chats',
        JSON.stringify({ desk: 'main', visitor: { external_id: text, nick: text }, text, message_id: 'a' }),
        { 'idempotency-key': `k${TEXTS.indexOf(text)}` },
      );
      await attempt('POST', '/api/v1/chats/1/messages', JSON.stringify({ text, message_id: text }));
      await attempt(
        'POST',
        '/api/v1/chats/1/messages',
        JSON.stringify({ sender: 'operator', author: text, text, message_id: `m${TEXTS.indexOf(text)}` }),
      );
      await attempt('POST', '/api/v1/operators', JSON.stringify({ username: text, name: text, password: text }));
      await attempt('POST', '/api/v1/operators', JSON.stringify({ username: `o${TEXTS.indexOf(text)}`, name: text }));
      await attempt('POST', '/api/v1/departments', JSON.stringify({ name: text }));
      await attempt(
        'POST',
        '/api/v1/desks',
        JSON.stringify({
          key: `d${TEXTS.indexOf(text)}`,
          name: text,
          department: shop.department,
          texts: { greeting: text, closed: text },
        }),
      );
      await attempt('PUT', '/api/v1/instance/callback', JSON.stringify({ url: `https://shop.example/${text}` }));
      await attempt('GET', `/api/v1/chats?visitor=${id}&state=${id}`);
    }
  });

  it('is refused a body beyond the bound before it is read', async () => {
    const answer = await bridge.call(
      shop.key,
      'POST',
      '/api/v1/departments',
      JSON.stringify({ name: 'x'.repeat(300_000) }),
    );
    expect([answer.status, answer.body['code']]).to.deep.equal([413, 'body_too_large']);
  });
});
