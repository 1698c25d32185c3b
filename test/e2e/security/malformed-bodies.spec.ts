import { expect } from 'chai';
import fc from 'fast-check';
import { createApiKey, newApiKey } from '../../../bridge/domain/instances/create-api-key.js';
import { SCOPES } from '../../../bridge/domain/reads.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { hashSecret } from '../../../bridge/storage/credentials.js';
import { TestFoyer } from '../../support/bridge.js';
import { hostileText, sample, tellSeedOfFailures, type Json } from '../../support/malformed.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { PublishedApi } from '../../support/published-api.js';
import { until } from '../../support/until.js';
import { beginTalk } from '../edges/talk.js';
import { Door, signed, type Answered, type Call } from './door.js';
import { malformedCalls, publishedOperations, type Names, type Operation } from './malformed-calls.js';
import { contradictions, fingerprint } from './record.js';

/** Over all routes together, at least. */
const CALLS = 10_000;
/** At a time. */
const AT_ONCE = 32;

/** One of so many refused calls is made again. */
const REPLAYED = 3;

/** What no document tells of. */
const OTHER_ADDRESSES = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/asyncapi.json',
  '/docs',
  '/docs/x',
  '/demo',
  '/widget.js',
  '/widget/frame.html',
  '/visitor/v1/x',
  '/api/v1/x',
];
/** Refusals of what stands before all routes. */
const BEFORE_ANY_ROUTE = [
  'malformed_http',
  'headers_too_large',
  'route_not_found',
  'method_not_allowed',
  'origin_refused',
];

describe('malformed calls of every route', function () {
  this.timeout(180_000);
  tellSeedOfFailures();
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let vera: Page;
  let door: Door;
  let api: PublishedApi;
  let calls: Call[];
  /** Those that were refused, and how. */
  const refused: { call: Call; status: number }[] = [];
  const unhandled: unknown[] = [];
  const keepUnhandled = (reason: unknown) => void unhandled.push(reason);

  before(async () => {
    process.on('unhandledRejection', keepUnhandled);
    foyer = await TestFoyer.start({ environment: { FOYER_PROCESS_ROLES: 'http,deliver' } });
    anna = await foyer.operator('anna', 'Anna');
    // Made-up ids are low: they hit somebody else.
    for (let i = 0; i < 3; i += 1) await beginTalk(foyer, anna, `Decoy ${i}`);
    ({ page: vera } = await beginTalk(foyer, anna, 'Before'));
    const names = await makeThings();
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'what this set off is done');
    // Nothing is to move but by the calls.
    foyer.gate.behave = { answer: 503 };
    await foyer.stopBridge();
    await foyer.startBridge({ roles: ['http'] });
    door = new Door(foyer.base);
    api = await PublishedApi.of(foyer.base);
    calls = generate(await publishedOperations(foyer.base), names);
  });

  after(async () => {
    process.off('unhandledRejection', keepUnhandled);
    door.close();
    await foyer.stop();
  });

  /** Things of which calls may change and end any without making the door shut for the others. */
  async function makeThings(): Promise<(operation: Operation) => Names> {
    const key = newApiKey(randomIds);
    await foyer.bridge.core.transactions.alone((tx) =>
      createApiKey(tx, hashSecret, key, { instanceId: 1, name: 'test', scopes: SCOPES, expiresAt: null }),
    );
    const make = async <T>(method: string, path: string, body: object): Promise<T> => {
      const response = await fetch(`${foyer.base}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status, path).to.be.below(300);
      return (await response.json()) as T;
    };
    type Chat = { chat: { id: number } };
    const begin = (external_id: string) =>
      make<Chat>('POST', '/chats', { desk: 'main', visitor: { external_id }, text: 'x' });
    const open = (await begin('open')).chat.id;
    const toClose = (await begin('to-close')).chat.id;
    const operator = (name: string) =>
      make<{ operator: { id: number } }>('POST', '/operators', { username: name, name });
    const bert = (await operator('bert')).operator.id;
    const gone = (await operator('gone')).operator.id;
    const { desk } = await make<{ desk: { id: number } }>('POST', '/desks', {
      key: 'side',
      name: 'Side',
      department: 1,
    });
    const walt = foyer.page();
    await walt.visit();
    const waltsChat = (await walt.startChat('x')).id;
    const ended = foyer.page();
    await ended.visit();
    // One is forgotten, and one loses its token; the others go on.
    const visitorOf: Record<string, number> = { eraseVisitor: ended.visitorId, revokeVisitorToken: ended.visitorId };
    const chatOf: Record<string, number> = { closeChat: waltsChat, closeHelpdeskChat: toClose };
    const operatorOf: Record<string, number> = { deleteOperator: gone };
    const idOf = ({ operationId, path }: Operation) => {
      if (path.includes('/operators/')) return operatorOf[operationId] ?? bert;
      if (path.includes('/desks/')) return desk.id;
      if (path.includes('/visitors/by-id/')) return visitorOf[operationId] ?? 1;
      if (!path.includes('/chats/')) return 1;
      return chatOf[operationId] ?? (path.startsWith('/visitor/') ? waltsChat : open);
    };
    const hints: Record<string, fc.Arbitrary<Json>> = {
      desk: fc.constant('main'),
      instance: fc.constant('main'),
      department: fc.constant(1),
      departments: fc.constant([1]),
      operator_id: fc.constant(bert),
      username: fc.stringMatching(/^[a-z][a-z0-9]{4,12}$/),
      external_id: fc.stringMatching(/^[a-z0-9]{1,4}$/),
      allowed_origins: fc.constant(['https://shop.example']),
      url: fc.constant('https://helpdesk.example/called-back'),
      secret: fc.constant(`whsec_${Buffer.alloc(32, 5).toString('base64')}`),
      text: hostileText,
      message_id: fc.uuid(),
      client_message_id: fc.uuid(),
    };
    return (operation) => {
      const token = operation.path.startsWith('/api/') ? key : (walt.token ?? '');
      const known = operation.security.some((one) => Object.keys(one).length > 0);
      return {
        headers: known ? { authorization: `Bearer ${token}` } : {},
        parameters: { external_id: 'open', key: 'main', id: String(idOf(operation)) },
        hints,
      };
    };
  }

  /** Routes that take a body get twice as many. */
  function generate(operations: readonly Operation[], namesOf: (operation: Operation) => Names): Call[] {
    const others = OTHER_ADDRESSES.map((path): Operation => ({
      ...{ method: 'GET', path, operationId: path, security: [], parameters: [], body: null },
    }));
    const all = [...operations, ...others];
    const shares = all.reduce((sum, { body }) => sum + (body ? 2 : 1), 0);
    return all.flatMap((operation, i) => {
      const count = Math.ceil((CALLS / shares) * (operation.body ? 2 : 1));
      const made = sample(malformedCalls(operation, namesOf(operation)), count, i);
      return operation.path.startsWith('/hooks/') ? made.map(sign) : made;
    });
  }

  function sign(call: Call): Call {
    const secret = foyer.settings.hooks.secrets[0] ?? '';
    return { ...call, headers: { ...signed(secret, call.body ?? ''), ...call.headers } };
  }

  async function all<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
    let next = 0;
    const work = async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await each(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  const describeCall = ({ method, path, headers, body }: Call, { status, text }: Answered) =>
    `${method} ${path} ${JSON.stringify(headers)} ${JSON.stringify(body?.toString('latin1').slice(0, 600))} → ${status} ${text.slice(0, 300)}`;

  it('get an answer that the document tells of, and never one that something is wrong here', async () => {
    expect(calls.length).to.be.at.least(CALLS);
    await all(calls, async (call) => {
      const answer = await door.call(call);
      const said = describeCall(call, answer);
      expect(answer.status, said).to.be.within(200, 499);
      if (answer.status < 400) return;
      refused.push({ call, status: answer.status });
      if (call.method === 'HEAD') return;
      expect(answer.type, said).to.equal('application/problem+json');
      const body = JSON.parse(answer.text) as { code: string };
      if (/^\/(api|visitor)\//.test(call.path) && !BEFORE_ANY_ROUTE.includes(body.code))
        api.check(call.method, call.path, {
          status: answer.status,
          headers: new Headers({ 'content-type': answer.type }),
          body,
        });
    });
    expect(refused.length, 'refused').to.be.within(CALLS / 2, calls.length - CALLS / 20);
  });

  it('leave a record in which nothing is half-written', async () => {
    expect(await contradictions(foyer)).to.deep.equal({});
  });

  it('that are refused change nothing', async () => {
    // Some are right by now, as the things that they name are there: those may change what they like.
    for (let list = refused.filter((_, i) => i % REPLAYED === 0); ;) {
      const before = await fingerprint(foyer);
      const again: typeof refused = [];
      await all(list, async (one) => {
        if ((await door.call(one.call)).status >= 400) again.push(one);
      });
      if (again.length === list.length) {
        expect(await fingerprint(foyer)).to.deep.equal(before);
        return;
      }
      list = again;
    }
  });

  it('leave the bridge alive: what was accepted gets where it belongs, and people talk as before', async () => {
    expect(await (await fetch(`${foyer.base}/healthz`)).json()).to.deep.equal({ status: 'ok' });
    await foyer.stopBridge();
    foyer.gate.behave = {};
    await foyer.startBridge();
    await vera.say(Number((await vera.visit()).chat?.id), 'After');
    await until(() => anna.texts(foyer.contact(vera)).includes('After'), 'the visitor’s words');
    await anna.say(foyer.contact(vera), 'I see');
    await vera.untilMessages(
      Number((await vera.visit()).chat?.id),
      'the answer',
      (list) => list.at(-1)?.text === 'I see',
    );
    await until(
      async () =>
        (
          await foyer.select(
            "SELECT outbox.id FROM outbox JOIN lanes ON lanes.name = outbox.lane WHERE target = 'account'",
          )
        ).length === 0,
      'everything to leave',
      60,
    );
    expect(await foyer.select("SELECT reason, entry FROM dead_letters WHERE target = 'account'")).to.deep.equal([]);
    expect(unhandled).to.deep.equal([]);
  });
});
