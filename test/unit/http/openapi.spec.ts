import { expect } from 'chai';
import { apiDocument } from '../../../bridge/inbound/api-document.js';
import type { HelpdeskApiDeps } from '../../../bridge/inbound/helpdesk-api/deps.js';
import { helpdeskRoutes } from '../../../bridge/inbound/helpdesk-api/routes.js';
import type { VisitorApiDeps } from '../../../bridge/inbound/visitor-api/deps.js';
import { visitorRoutes } from '../../../bridge/inbound/visitor-api/routes.js';

type Json = Record<string, unknown>;
interface Operation {
  operationId?: string;
  parameters?: { name: string; in: string; required: boolean; schema: Json }[];
  responses: Record<string, Json>;
  requestBody?: { content: Record<string, { schema: Json }> };
  security: Json[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Routes hold their dependencies until they are called, and here none is. */
const helpdesk = helpdeskRoutes({ shutdown: new AbortController().signal } as HelpdeskApiDeps);
const pages = visitorRoutes({} as VisitorApiDeps);
const document = apiDocument('1.2.3', [
  { prefix: '/visitor/v1', routes: pages },
  { prefix: '/api/v1', routes: helpdesk },
]);
const paths = document['paths'] as Record<string, Partial<Record<(typeof METHODS)[number], Operation>>>;
const operations = Object.entries(paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => {
    const operation = item[method];
    return operation ? [{ path, method, operation }] : [];
  }),
);

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

function resolve(reference: string): unknown {
  const steps = reference.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((value, step) => (value as Json | undefined)?.[step], document);
}

describe('the OpenAPI document', () => {
  it('holds every route of both doors, mod_foyer’s hook and every callback', () => {
    const routes = operations.filter(({ path }) => path !== '/hooks/ejabberd');
    expect(routes).to.have.length(helpdesk.length + pages.length);
    expect(paths['/hooks/ejabberd']?.post).to.be.an('object');
    expect(document['webhooks']).to.include.keys(
      'operator.message',
      'chat.closed',
      'operators.online',
      'visitor.timed_out',
      'message.state',
    );
    expect(document['openapi']).to.equal('3.1.0');
  });

  it('resolves every reference', () => {
    const all = references(document);
    expect(all.length).to.be.greaterThan(50);
    for (const reference of all) expect(resolve(reference), reference).to.be.an('object');
  });

  it('gives every operation an id of its own', () => {
    const ids = operations.flatMap(({ operation }) => operation.operationId ?? []);
    expect(ids).to.have.length(helpdesk.length + pages.length);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('declares every parameter of every path, and no other', () => {
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(
        declared.map(({ name }) => name),
        path,
      ).to.have.members(named);
      for (const { required } of declared) expect(required).to.equal(true);
    }
  });

  it('says how each operation is refused, and what proves who calls', () => {
    for (const { path, operation } of operations) {
      expect(operation.responses, path).to.include.keys('default');
      if (path.startsWith('/api/')) expect(operation.security, path).to.deep.equal([{ apiKey: [] }]);
    }
    const problem = (
      document['components'] as { schemas: Record<string, { properties: { code: { enum: string[] } } }> }
    ).schemas['Problem'];
    expect(problem?.properties.code.enum).to.include.members([
      'idempotency_conflict',
      'message_too_long',
      'rate_limited',
    ]);
  });

  it('tells of Idempotency-Key exactly where it is read', () => {
    const with_ = operations.filter(({ operation }) =>
      operation.parameters?.some(({ name }) => name === 'Idempotency-Key'),
    );
    expect(with_.map(({ operation }) => operation.operationId)).to.have.members([
      'startHelpdeskChat',
      'sendHelpdeskMessage',
      'createOperator',
      'createDepartment',
      'createDesk',
      'resendDeadLetter',
    ]);
  });

  it('refuses unknown fields in every body, and promises none for answers', () => {
    for (const { path, operation } of operations) {
      const body = operation.requestBody?.content['application/json']?.schema;
      if (!body || path === '/hooks/ejabberd') continue;
      const shapes = (body['anyOf'] as Json[] | undefined) ?? [body];
      for (const shape of shapes) expect(shape['additionalProperties'], path).to.equal(false);
      expect(JSON.stringify(operation.responses), path).not.to.contain('"additionalProperties":false');
    }
  });
});
