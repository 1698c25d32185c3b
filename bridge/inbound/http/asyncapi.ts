import type { SignedCall } from './openapi.js';
import { SchemaCollector, type Json } from './openapi-schemas.js';

/** The AsyncAPI 3 document of what the bridge sends by itself, from the schemas that its OpenAPI document and its tests read. */
export function asyncApiDocument(version: string, callbacks: Record<string, SignedCall>): Json {
  const schemas = new SchemaCollector();
  const messages = Object.fromEntries(
    Object.entries(callbacks).map(([name, { summary, body }]) => [
      name,
      { name, summary, headers: SIGNATURE, payload: schemas.convert(body, 'output') },
    ]),
  );
  const named = Object.keys(callbacks);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Foyer’s callbacks',
      version,
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      callbacks: {
        address: null,
        title: 'The instance’s callback address',
        description: 'Set by `PUT /api/v1/instance/callback`. POST, JSON.',
        messages: Object.fromEntries(named.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      callBack: {
        action: 'send',
        channel: { $ref: '#/channels/callbacks' },
        messages: named.map((name) => ({ $ref: `#/channels/callbacks/messages/${name}` })),
      },
    },
    components: { messages, schemas: schemas.components },
  };
}

const text = (description: string): Json => ({ type: 'string', description });

const SIGNATURE: Json = {
  type: 'object',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  properties: {
    'webhook-id': text('The same over all repeats of one callback.'),
    'webhook-timestamp': text('When this try was signed, in seconds since 1970.'),
    'webhook-signature': text(
      '`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; several, separated by spaces.',
    ),
  },
};

const INTRODUCTION = `Signed as Standard Webhooks 1.0.0. Callbacks about one chat come in the order of what happened, again and again for 76 hours until a 2xx answers. 410 gives one
up at once, so do 409 and 422 with a \`code\`: whoever wrote an \`operator.message\` is told. What a helpdesk can call is in \`/openapi.json\`.`;
