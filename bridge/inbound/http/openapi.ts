import { z } from 'zod';
import { ANSWER_PROBLEMS } from '../../domain/desks/question.js';
import { ERROR_STATUS, type ErrorCode } from '../../shared/errors.js';
import { responsesOf } from './openapi-answers.js';
import { SchemaCollector, type Json } from './openapi-schemas.js';
import type { Auth, Route } from './route.js';

/** Routes below one address. */
export interface Door {
  prefix: string;
  routes: readonly Route[];
  /** What stands before all of them refuses with these. */
  refusals?: readonly ErrorCode[];
}

/** A signed request: one that the bridge sends, or one that it takes. */
export interface SignedCall {
  summary: string;
  tag: string;
  body: z.ZodType;
}

export interface OpenApiInput {
  version: string;
  doors: readonly Door[];
  /** What helpdesks are called back with, by type. */
  callbacks: Record<string, SignedCall>;
  /** Signed requests that the bridge takes, by path. */
  hooks: Record<string, SignedCall & { answer: z.ZodType }>;
  tags: Record<string, string>;
}

const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(Object.keys(ERROR_STATUS) as [string, ...string[]])
      .meta({ description: 'Stable: what a program decides by.' }),
    detail: z.string(),
    request_id: z.string(),
    opens_at: z.string().optional().meta({ format: 'date-time', description: 'When a closed desk will open.' }),
    issues: z
      .array(
        z.object({
          ...{ in: z.string(), path: z.string(), message: z.string() },
          problem: z.enum(ANSWER_PROBLEMS).optional().meta({ description: 'Of an answer that was refused.' }),
        }),
      )
      .optional()
      .meta({ description: 'Every field that is wrong.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

/** The OpenAPI 3.1 document, from the very tables and schemas that the router and the checks use. */
export function openApiDocument({ version, doors, callbacks, hooks, tags }: OpenApiInput): Json {
  const schemas = new SchemaCollector();
  const problem = schemas.convert(problemShape, 'output');
  const paths: Record<string, Json> = {};
  for (const { prefix, routes, refusals = [] } of doors) {
    for (const route of routes) {
      const path = prefix + route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method]: operationOf(route, refusals, schemas, problem) };
    }
  }
  for (const [path, hook] of Object.entries(hooks)) {
    const answer = {
      200: {
        description: 'Taken.',
        content: { 'application/json': { schema: schemas.convert(hook.answer, 'output') } },
      },
    };
    paths[path] = {
      post: signedOperation(hook, schemas, { ...answer, default: { $ref: '#/components/responses/Problem' } }, 'input'),
    };
  }
  const webhooks = Object.fromEntries(
    Object.entries(callbacks).map(([type, call]) => [
      type,
      { post: signedOperation(call, schemas, CALLBACK_ANSWERS, 'output') },
    ]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Foyer',
      version,
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    webhooks,
    components: {
      schemas: schemas.components,
      responses: {
        Problem: {
          description: 'A refusal. `code` is stable, `detail` is for a developer’s eyes.',
          content: { 'application/problem+json': { schema: problem } },
        },
      },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of an instance. Each call needs a scope.' },
        visitorToken: { type: 'http', scheme: 'bearer', description: 'The token that POST /visitor/v1/visits gave.' },
      },
    },
  };
}

const INTRODUCTION = `Foyer puts a website’s visitors on the contact list of the people who answer them.

Every refusal is \`application/problem+json\` with a stable \`code\`. Unknown fields are refused. A call with \`Idempotency-Key\` that comes again gets the answer of the first time;
the same key with another request is refused with \`idempotency_conflict\`.

Callbacks are signed as Standard Webhooks 1.0.0: \`webhook-id\`, \`webhook-timestamp\`, \`webhook-signature: v1,<base64 of HMAC-SHA256 over id.timestamp.body>\`. They come in order for
each chat, again and again for 76 hours until a 2xx answers; \`webhook-id\` stays the same, so that a repeat can be told.`;

const REFUSED: Json = {
  description:
    'With a `code` it is a refusal for good: whoever wrote an `operator.message` is told that it was not sent. `chat_closed` ends the chat here, `chat_taken`: somebody else has it; with any other code `detail` is what the operator reads. Without a code it is sent again later.',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['code'],
        properties: { code: { type: 'string', maxLength: 60 }, detail: { type: 'string' } },
      },
    },
  },
};

const CALLBACK_ANSWERS: Json = {
  '2XX': { description: 'Taken; it isn’t sent again.' },
  410: { description: 'Gone: given up at once, and whoever wrote an `operator.message` is told.' },
  409: REFUSED,
  422: REFUSED,
  default: { description: 'Sent again later; 429 and 503 may say when by `Retry-After`. Redirects aren’t followed.' },
};

function operationOf(route: Route, before: readonly ErrorCode[], schemas: SchemaCollector, problem: Json): Json {
  const { auth } = route;
  const scope = auth.kind === 'key' ? `Scope: \`${auth.scope}\`.` : undefined;
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(scope === undefined ? {} : { description: scope }),
    tags: [route.tag],
    security: securityOf(auth),
    parameters: parametersOf(route, schemas),
    ...(route.body
      ? {
          requestBody: {
            required: route.bodyOptional !== true,
            content: { 'application/json': { schema: schemas.convert(route.body, 'input') } },
          },
        }
      : {}),
    responses: responsesOf(route, before, schemas, problem),
  };
}

function securityOf(auth: Auth): Json[] {
  if (auth.kind === 'none') return [];
  if (auth.kind === 'key') return [{ apiKey: [] }];
  return auth.optional === true ? [{}, { visitorToken: [] }] : [{ visitorToken: [] }];
}

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A repeat gets the answer of the first time.',
  schema: { type: 'string', maxLength: 100 },
};
const LAST_EVENT_ID: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'Cursor of the last event that was heard: the answer goes on behind it. Goes before `cursor`.',
  schema: { type: 'string' },
};

function parametersOf(route: Route, schemas: SchemaCollector): Json[] {
  const of = (where: 'path' | 'query', schema: z.ZodType | undefined): Json[] => {
    if (!schema) return [];
    const { properties = {}, required = [] } = schemas.convert(schema, 'input') as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      ...{ name, in: where, required: where === 'path' || required.includes(name) },
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }));
  };
  return [
    ...of('path', route.params),
    ...of('query', route.query),
    ...(route.idempotencyKey === true ? [IDEMPOTENCY_KEY] : []),
    ...(route.stream ? [LAST_EVENT_ID] : []),
  ];
}

function signedOperation(
  { summary, tag, body }: SignedCall,
  schemas: SchemaCollector,
  responses: Json,
  io: 'input' | 'output',
): Json {
  return {
    summary,
    tags: [tag],
    security: [],
    parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
      name,
      in: 'header',
      required: true,
      schema: { type: 'string' },
    })),
    requestBody: { required: true, content: { 'application/json': { schema: schemas.convert(body, io) } } },
    responses,
  };
}
