import { expect } from 'chai';
import { z } from 'zod';
import { apiDocument } from '../../../bridge/inbound/api-document.js';
import type { HelpdeskApiDeps } from '../../../bridge/inbound/helpdesk-api/deps.js';
import { helpdeskRoutes } from '../../../bridge/inbound/helpdesk-api/routes.js';
import type { VisitorApiDeps } from '../../../bridge/inbound/visitor-api/deps.js';
import { PAGE_REFUSALS, visitorRoutes } from '../../../bridge/inbound/visitor-api/routes.js';

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
  { prefix: '/visitor/v1', routes: pages, refusals: PAGE_REFUSALS },
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

  it('names the refusals of each operation by status and code', () => {
    const refusals = (id: string) => {
      const operation = operations.find(({ operation }) => operation.operationId === id)?.operation;
      return Object.entries(operation?.responses ?? {}).flatMap(([status, { description }]) => {
        const codes = [...String(description).matchAll(/`(\w+)`/g)].map(([, code]) => code);
        return Number(status) >= 400 ? [`${status} ${codes.join(' ')}`] : [];
      });
    };
    expect(refusals('sendMessage')).to.deep.equal([
      '400 invalid_json',
      '401 unauthenticated token_invalid identity_changed',
      '403 not_permitted instance_suspended origin_refused',
      '404 not_found',
      '409 chat_closed banned',
      '413 body_too_large message_too_long chat_full',
      '415 unsupported_media_type',
      '422 invalid_request',
      '429 rate_limited',
      '503 identity_unavailable',
    ]);
    expect(refusals('getOperator')).to.deep.equal([
      '401 unauthenticated',
      '403 forbidden instance_suspended',
      '404 not_found',
      '422 invalid_request',
    ]);
    for (const { path, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      if (operation.security.length > 0) expect(statuses, path).to.include('401');
      if (path.startsWith('/api/')) expect(statuses, path).to.include('403');
      if (path.startsWith('/visitor/')) expect(statuses, path).to.include.members(['403', '429']);
      if (path.includes('{')) expect(statuses, path).to.include.members(['404', '422']);
      if (operation.requestBody && path !== '/hooks/ejabberd')
        expect(statuses, path).to.include.members(['400', '413', '415', '422']);
    }
  });

  it('says when to come back, and which answer is a repeat', () => {
    for (const { path, operation } of operations) {
      const { responses, parameters } = operation;
      const refused = responses['429'] as { headers?: Json } | undefined;
      if (refused) expect(refused.headers, path).to.have.property('Retry-After');
      const takesKey = parameters?.some(({ name }) => name === 'Idempotency-Key') === true;
      for (const [status, response] of Object.entries(responses)) {
        if (!status.startsWith('2')) continue;
        const headers = Object.keys((response['headers'] as Json | undefined) ?? {});
        expect(headers, path).to.deep.equal(takesKey ? ['Idempotency-Replayed'] : []);
      }
    }
  });

  it('describes each event that is heard, as an answer and as a stream', () => {
    const kinds = ['chat', 'message', 'message_updated', 'states', 'position', 'typing', 'redirect', 'reset'];
    for (const door of ['Page', 'Helpdesk']) {
      const union = resolve(`#/components/schemas/${door}Event`) as {
        oneOf: { $ref: string }[];
        discriminator: { propertyName: string; mapping: Record<string, string> };
      };
      expect(union.discriminator.propertyName).to.equal('kind');
      expect(Object.keys(union.discriminator.mapping)).to.deep.equal(kinds);
      expect(Object.values(union.discriminator.mapping)).to.deep.equal(union.oneOf.map(({ $ref }) => $ref));
      for (const [kind, reference] of Object.entries(union.discriminator.mapping))
        expect(resolve(reference)).to.have.nested.property('properties.kind.const', kind);
    }
    const listen = paths['/visitor/v1/events']?.get;
    expect(listen?.parameters?.map(({ name }) => name)).to.include('Last-Event-ID');
    expect(listen?.responses['200'])
      .to.have.nested.property('content.text/event-stream.x-event-data')
      .that.deep.equals({
        $ref: '#/components/schemas/PageEvent',
      });
    expect(paths['/api/v1/chats/{id}/events']?.get?.responses['200']).to.have.nested.property(
      'content.application/json.schema.properties.events.items.$ref',
      '#/components/schemas/HelpdeskEvent',
    );
  });

  it('has only schemas that a program can read, and answers that say what they are', () => {
    const { schemas } = document['components'] as { schemas: Record<string, Json> };
    const $defs = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/')) as Record<
      string,
      Json
    >;
    for (const name of Object.keys(schemas)) z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs });
    for (const { path, operation } of operations) {
      for (const response of Object.values(operation.responses)) {
        if ('$ref' in response) continue;
        expect(response['description'], path).to.be.a('string').that.is.not.equal('');
        for (const media of Object.values((response['content'] as Json | undefined) ?? {}))
          expect(media, path).to.have.property('schema');
      }
    }
  });

  it('tells of Idempotency-Key exactly where it is read', () => {
    const with_ = operations.filter(({ operation }) =>
      operation.parameters?.some(({ name }) => name === 'Idempotency-Key'),
    );
    expect(with_.map(({ operation }) => operation.operationId)).to.have.members([
      'startHelpdeskChat',
      'sendHelpdeskMessage',
      'mailTranscript',
      'addNote',
      'whisper',
      'createOperator',
      'runOperatorCommand',
      'createInstance',
      'createDepartment',
      'createDesk',
      'createCannedReply',
      'createBan',
      'banChatVisitor',
      'banFromRoom',
      'redirectChat',
      'resendDeadLetter',
      'retryRejectedEvent',
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
