import type { ErrorCode } from '../../shared/errors.js';
import type { Json, SchemaCollector } from './openapi-schemas.js';
import { refusalsOf } from './refusals.js';
import type { Route } from './route.js';

const RETRY_AFTER: Json = { description: 'Seconds until the same call may come again.', schema: { type: 'integer' } };
const REPLAYED: Json = {
  description: 'Present when this is the answer that the same Idempotency-Key got the first time.',
  schema: { const: 'true' },
};

/** Before OpenAPI 3.2 there is no word for the schema of a stream's events: `x-event-data` has it. */
const STREAM: Json = {
  type: 'string',
  description:
    'Server-sent events. `id`: the cursor, where one can go on from it; `event`: the kind; `data`: one event as JSON. A comment comes every 15 s when nothing happens.',
};

/**
 * All that an operation may be answered with.
 * @param before codes of what stands before all routes of the door
 * @param problem schema of a refusal
 */
export function responsesOf(
  route: Route,
  before: readonly ErrorCode[],
  schemas: SchemaCollector,
  problem: Json,
): Record<string, Json> {
  const good = Object.entries(route.answers).map(([status, answer]) => [status, goodResponse(route, answer, schemas)]);
  const bad = [...refusalsOf(route, before)].map(([status, codes]) => [status, refusal(codes, problem)]);
  return { ...Object.fromEntries([...good, ...bad]), default: { $ref: '#/components/responses/Problem' } };
}

function goodResponse(
  { idempotencyKey, stream }: Route,
  { description, schema, otherTypes = [] }: Route['answers'][number],
  schemas: SchemaCollector,
): Json {
  const content = {
    ...(schema ? { 'application/json': { schema: schemas.convert(schema, 'output') } } : {}),
    ...Object.fromEntries(otherTypes.map((type) => [type, { schema: { type: 'string' } }])),
    ...(stream ? { 'text/event-stream': { schema: STREAM, 'x-event-data': schemas.convert(stream, 'output') } } : {}),
  };
  return {
    description,
    ...(idempotencyKey === true ? { headers: { 'Idempotency-Replayed': REPLAYED } } : {}),
    ...(Object.keys(content).length > 0 ? { content } : {}),
  };
}

function refusal(codes: readonly ErrorCode[], problem: Json): Json {
  return {
    description: `Refused: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    ...(codes.includes('rate_limited') ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: { 'application/problem+json': { schema: problem } },
  };
}
