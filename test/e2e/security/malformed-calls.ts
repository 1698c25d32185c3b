import fc, { type Arbitrary } from 'fast-check';
import { fromSchema, type Hints, type Schema } from '../../support/from-schema.js';
import { hostileText, mutated, oddValue, type Json } from '../../support/malformed.js';
import { spoilt, written } from '../../support/malformed-bytes.js';
import type { Call } from './door.js';

/** A route as the published document has it. */
export interface Operation {
  method: string;
  /** With `{…}` for parameters. */
  path: string;
  operationId: string;
  security: Record<string, string[]>[];
  parameters: { name: string; in: string; schema: Schema }[];
  body: Schema | null;
}

interface PublishedOperation extends Omit<Operation, 'method' | 'path' | 'body'> {
  requestBody?: { content: { 'application/json': { schema: Schema } } };
}

export async function publishedOperations(base: string): Promise<Operation[]> {
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, PublishedOperation>>;
    components: { schemas: Record<string, Schema> };
  };
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { requestBody, ...one }]) => ({
      ...one,
      ...{ method: method.toUpperCase(), path, operationId: one.operationId ?? path },
      body: requestBody?.content['application/json'].schema ?? null,
    })),
  );
}

/** What a call needs to get as far as the thing that it names. */
export interface Names {
  headers: Readonly<Record<string, string>>;
  /** By the name of a parameter. */
  parameters: Readonly<Record<string, string>>;
  hints: Hints;
}

/** 1 is what others of these tests need, 77 nothing. */
const BAD_PARAMETERS = [
  '',
  '0',
  '-1',
  '+77',
  '1.5',
  '7.7e1',
  '0x4d',
  '1_0',
  '%EF%BC%99',
  '%2077',
  '77;',
  '9007199254740993',
  '1e999',
  'NaN',
  'null',
  'undefined',
  '%00',
  '%ff',
  '%E0%A4%A',
  '%',
  '%zz',
  '..%2f..',
  '%2e%2e',
  "1'--",
  '77%0a',
  '__proto__',
  'constructor',
  '*',
  '{id}',
  ':id',
];
const parameter: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...BAD_PARAMETERS),
  // Node itself refuses an address beyond 16 KB.
  hostileText.map((text) => encodeURIComponent(text.slice(0, 600).toWellFormed())),
);

const latin = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((unit) => unit !== 0x7f)
    .map((unit) => String.fromCharCode(unit)),
  maxLength: 150,
});
const oddHeaders: Arbitrary<Record<string, string>> = fc.oneof(
  fc.record({
    'content-type': fc.constantFrom(
      'text/plain',
      'application/jsonp',
      'application/json; charset=utf-16',
      'multipart/form-data',
      '',
      'application/json, text/plain',
    ),
  }),
  fc.record({ 'content-encoding': fc.constantFrom('gzip', 'br', 'identity, gzip', 'x', '') }),
  fc.record({ 'idempotency-key': fc.oneof(latin, fc.constantFrom('', ' ', 'a', 'é', 'x'.repeat(101), '__proto__')) }),
  fc.record({
    'last-event-id': fc.oneof(
      latin,
      fc.constantFrom('0', '1.', '.1', '1.1.1', '-1.-1', '1.99999999999', '9e9.1', 'NaN.NaN'),
    ),
  }),
  fc.record({
    origin: fc.oneof(latin, fc.constantFrom('null', 'file://', 'https://shop.example:99999', 'https://[', '*')),
  }),
  fc.record({ accept: fc.constantFrom('', '*', 'application/xml', 'x', 'application/json;q=abc', ',,,') }),
  fc.record({ 'user-agent': latin, 'x-request-id': latin, 'x-forwarded-for': latin, 'x-forwarded-host': latin }),
  fc.record({ cookie: latin, host: fc.constantFrom('', 'x', 'a b', '[::1', 'evil.example:99999', '@') }),
  fc.record({
    authorization: fc.oneof(latin, fc.constantFrom('Bearer', 'Bearer ', 'Basic eDp4', `Bearer ${'x'.repeat(201)}`)),
  }),
);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

/** In how many ways a call may be wrong at a time. */
type Part = 'body' | 'bytes' | 'path' | 'query' | 'headers' | 'method';

/** Calls of this route that are right but for something. */
export function malformedCalls(operation: Operation, names: Names): Arbitrary<Call> {
  const { method, path, parameters, body } = operation;
  const inQuery = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const parts: Part[] = [
    ...(body ? (['body', 'body', 'body', 'body', 'bytes', 'bytes'] as const) : []),
    ...(path.includes('{') ? (['path'] as const) : []),
    ...(['query', 'headers', 'method'] as const),
  ];
  const right = body ? fromSchema(body, names.hints) : fc.constant<Json>({});
  const rightBytes = right.map((value) => Buffer.from(JSON.stringify(value)));
  const query = oddQuery(inQuery);
  return fc.constantFrom(...parts).chain((part) =>
    fc
      .record({
        method: part === 'method' ? fc.constantFrom(...METHODS) : fc.constant(method),
        id: part === 'path' ? parameter : fc.constant(null),
        query: part === 'query' ? query : fc.constant(rightQuery(inQuery)),
        headers: part === 'headers' ? oddHeaders : fc.constant({}),
        bytes: part === 'body' ? written(mutated(right)) : part === 'bytes' ? spoilt(right) : rightBytes,
        bodyless: fc.boolean(),
      })
      .map(({ method, id, query, headers, bytes, bodyless }) => ({
        method,
        path: path.replace(/\{(\w+)\}/g, (_, name: string) => id ?? names.parameters[name] ?? '1') + query,
        headers: { ...names.headers, 'content-type': 'application/json', ...headers },
        ...(body || !bodyless ? { body: bytes } : {}),
      })),
  );
}

/** Of a long poll: whoever asks for none waits long. */
const rightQuery = (names: readonly string[]) => (names.includes('cursor') ? '?wait=0' : '');

function oddQuery(names: readonly string[]): Arbitrary<string> {
  const name = fc.constantFrom(...names, 'x', '__proto__', 'constructor', 'limit[]', 'after[a]', '');
  const value = fc.oneof(
    parameter,
    oddValue.map((one) => encodeURIComponent((JSON.stringify(one) ?? '').slice(0, 600).toWellFormed())),
  );
  // Nothing that makes an answer come late.
  const pair = fc.tuple(name, value).filter(([of, text]) => of !== 'wait' || !isPatience(text));
  return fc.array(pair, { minLength: 1, maxLength: 6 }).map((pairs) => {
    const asked = pairs.map(([of, text]) => `${of}=${text}`);
    const waits = pairs.some(([of]) => of === 'wait') || !names.includes('cursor');
    return `?${[...(waits ? [] : ['wait=0']), ...asked].join('&')}`;
  });
}

function isPatience(text: string): boolean {
  let value = text;
  try {
    value = decodeURIComponent(text);
  } catch {
    // As it is, then.
  }
  return value.includes('true') || Number(value) > 0;
}
