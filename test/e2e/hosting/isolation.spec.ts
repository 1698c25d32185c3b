import { expect } from 'chai';
import fc, { type Arbitrary } from 'fast-check';
import { TestFoyer } from '../../support/bridge.js';
import { fromSchema, type Schema } from '../../support/from-schema.js';
import { Host, type Tenant } from '../../support/hosting.js';
import type { Json } from '../../support/malformed.js';
import { until } from '../../support/until.js';
import type { Row } from '../../../bridge/storage/pool.js';

interface Operation {
  method: string;
  path: string;
  operationId: string;
  /** What it takes as its body. */
  body: Schema | undefined;
}

/** Bodies tried with each call. */
const TRIES = 5;
/** Things of nobody: what a foreign thing must look like. */
const NOBODYS = 987_654_321;

/** What bodies can't do without, as anybody may say it. */
const NEEDED: Readonly<Record<string, Json>> = { key: 'new', name: 'New', username: 'bert' };

/** What one instance has. */
interface Things {
  tenant: Tenant;
  ids: Readonly<Record<'operators' | 'departments' | 'desks' | 'chats' | 'visitors', number>>;
  externalId: string;
}

/** Walks the published document with the key of one instance and the names of another's things. */
describe('an instance finds nothing of another', () => {
  let foyer: TestFoyer;
  let host: Host;
  let mine: Things;
  let theirs: Things;
  let operations: Operation[];

  before(async function () {
    this.timeout(120_000);
    foyer = await TestFoyer.start();
    host = await Host.of(foyer);
    mine = await things('mine');
    theirs = await things('theirs');
    const under = "SELECT id FROM outbox UNION ALL SELECT id FROM accounts WHERE state <> 'ready'";
    await until(async () => (await foyer.select(under)).length === 0, 'what was set off is done');
    const document = (await (await fetch(`${foyer.base}/openapi.json`)).json()) as Record<string, unknown>;
    operations = readOperations(document);
  });

  after(() => foyer.stop());

  async function things(name: string): Promise<Things> {
    const tenant = await host.tenant(name);
    const { id: operator } = await host.operator(tenant, 'anna');
    const visitor = { external_id: `secret-visitor-of-${name}`, nick: `Nick of ${name}` };
    const begun = await host.call<{ chat: { id: number; visitor: { id: number } } }>(
      ...(['POST', '/chats', { desk: 'main', visitor, text: `Words of ${name}` }, tenant.key] as const),
    );
    await host.call('PUT', `/chats/${begun.chat.id}/tags`, { tags: [`tag-of-${name}`] }, tenant.key);
    const ids = { operators: operator, departments: tenant.department, desks: tenant.desk };
    const { chat } = begun;
    return { tenant, ids: { ...ids, chats: chat.id, visitors: chat.visitor.id }, externalId: visitor.external_id };
  }

  /** Everything of theirs that is recorded. */
  const recorded = (): Promise<Row[][]> =>
    Promise.all(
      [
        'chats',
        'messages',
        'visitors',
        'operators',
        'departments',
        'desks',
        'accounts',
        'chat_tags',
        'routing_rules',
      ].map((table) =>
        foyer.select(
          `SELECT ${table}.* FROM ${table} JOIN instances ON instances.id = ${table}.instance_id WHERE instances.name = 'theirs' ORDER BY 1, 2`,
        ),
      ),
    );

  const ask = async (operation: Operation, owner: Things | null, body: Json | undefined) => {
    let called = '';
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === 'external_id') return owner?.externalId ?? 'nobody-at-all';
      if (name === 'name') return owner?.tenant.name ?? 'nobody';
      const kind = Object.keys(mine.ids).find((one) => operation.path.includes(`/${one}/`));
      called = String(owner && kind ? owner.ids[kind as keyof Things['ids']] : NOBODYS);
      return called;
    });
    const { status, raw } = await host.ask(operation.method, path.replace('/api/v1', ''), body, mine.tenant.key);
    // What was asked for is named in the refusal.
    const text = raw
      .replace(/"request_id":"[^"]*"/, '')
      .replaceAll(new RegExp(`\\b${called || 'nobody'}\\b`, 'g'), 'it');
    return { status, text };
  };

  it('at any route that names a thing: the answer is that of a thing that isn’t there', async () => {
    const before = await recorded();
    const named = operations.filter(({ path }) => path.includes('{'));
    expect(named.length).to.be.greaterThan(20);
    for (const operation of named) {
      for (const body of bodies(operation, {})) {
        const foreign = await ask(operation, theirs, body);
        const missing = await ask(operation, null, body);
        const what = `${operation.operationId} ${JSON.stringify(body)}`;
        expect(foreign, what).to.deep.equal(missing);
        expect(foreign.status, what).to.be.oneOf(
          operation.operationId === 'putVisitorPresence' ? [200, 404, 422] : [403, 404, 422],
        );
      }
    }
    expect(await recorded()).to.deep.equal(before);
  });

  it('by what a body names', async () => {
    const before = await recorded();
    const { departments, operators } = theirs.ids;
    const named: Record<string, Json> = {
      ...{ department: departments, operator: operators, desk: 'theirs-only' },
      ...{ departments: [departments], overflow_department: departments },
    };
    const foreign = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, fc.constant(value)]));
    const naming = operations.filter(({ body }) => Object.keys(body?.properties ?? {}).some((name) => name in foreign));
    const found = new Set<string>();
    for (const operation of naming) {
      const whole = bodies(operation, { ...foreign, username: fc.constant('bert') }, true);
      // Alone too, or beside what must be there: what else is in a body may be refused first.
      const alone = Object.entries(named).filter(([name]) => name in (operation.body?.properties ?? {}));
      const needed = (operation.body?.required ?? []).map(
        (name) => [name, NEEDED[name] ?? named[name] ?? null] as const,
      );
      const least = alone.map((entry) => Object.fromEntries([...needed, entry]) as Record<string, Json>);
      for (const body of [...whole, ...least, ...alone.map((entry) => Object.fromEntries([entry]))]) {
        const { status } = await ask(operation, mine, body);
        if (status === 404) found.add(operation.operationId);
        expect(status, `${operation.operationId} ${JSON.stringify(body)}`).to.be.within(400, 499);
      }
    }
    expect([...found]).to.include.members([
      'createDesk',
      'changeDesk',
      'createOperator',
      'changeOperator',
      'changeDepartment',
    ]);
    expect(await recorded()).to.deep.equal(before);
  });

  it('in any list', async () => {
    for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
      const { text } = await ask(operation, mine, undefined);
      expect(text, operation.path).not.to.include('theirs');
    }
    const found = await host.call<{ transcripts: unknown[] }>(
      'GET',
      '/transcripts?tag=tag-of-theirs',
      undefined,
      mine.tenant.key,
    );
    expect(found.transcripts).to.deep.equal([]);
  });

  it('with a page’s token, and a host’s key has no business in any', async () => {
    const page = foyer.page();
    await page.visit({ instance: 'mine' });
    await page.startChat('Words of my own');
    expect((await page.call('GET', `/chats/${theirs.ids.chats}`)).status).to.equal(404);
    const heard = await page.call('GET', `/events?cursor=${theirs.ids.chats}.0&wait=0`);
    expect(JSON.stringify(heard.body)).not.to.include('theirs');
    for (const { method, path } of operations.filter(({ path }) => !path.startsWith('/api/v1/instances')))
      expect((await host.ask(method, path.replace('/api/v1', '').replace(/\{\w+\}/g, '1'))).status, path).to.equal(403);
  });
});

function readOperations(document: Record<string, unknown>): Operation[] {
  const { schemas } = document['components'] as { schemas: Record<string, Schema> };
  const resolve = (schema: unknown): Schema =>
    JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
      const name = (value as { $ref?: string } | null)?.$ref?.split('/').at(-1);
      return name === undefined ? value : schemas[name];
    }) as Schema;
  type Described = {
    operationId: string;
    security: Record<string, unknown>[];
    requestBody?: { content: Record<string, { schema: unknown }> };
  };
  return Object.entries(document['paths'] as Record<string, Record<string, Described>>).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, { security = [] }]) => security.some((one) => 'apiKey' in one))
      .map(([method, { operationId, requestBody }]) => {
        const schema = requestBody?.content['application/json']?.schema;
        return {
          method: method.toUpperCase(),
          path,
          operationId,
          body: schema === undefined ? undefined : resolve(schema),
        };
      }),
  );
}

/** @param all with every property that has a hint, not only those that must be there */
function bodies({ body }: Operation, hints: Record<string, Arbitrary<Json>>, all = false): (Json | undefined)[] {
  if (!body) return [undefined];
  const hinted = Object.keys(body.properties ?? {}).filter((name) => name in hints);
  const schema = all ? { ...body, required: [...new Set([...(body.required ?? []), ...hinted])] } : body;
  return fc.sample(fromSchema(schema, hints), { numRuns: TRIES, seed: 1 });
}
