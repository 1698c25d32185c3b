import { z } from 'zod';
import {
  IDENTITY_SECRET_BYTES,
  removeIdentitySecrets,
  renewIdentitySecret,
} from '../../domain/instances/identity-secrets.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { actorOf, keyOf } from './own.js';

export function putIdentityRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/instance/identity',
    operationId: 'putIdentity',
    summary: 'Make the secret by which the site says who its visitors are',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    body: z.strictObject({
      rotate: z.boolean().default(false).meta({
        description: 'The secret before holds on too, until the next call. Otherwise what it signed counts no more.',
      }),
    }),
    bodyOptional: true,
    answers: {
      200: {
        description: 'The new secret; it is not shown again.',
        schema: z.object({ secret: z.string(), secrets: z.int().meta({ description: 'How many hold now.' }) }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const fresh = deps.ids.secret(IDENTITY_SECRET_BYTES);
      const given = { fresh, keep: request.body.rotate, actor: actorOf(key) };
      const secrets = await deps.transactions.alone((tx) => renewIdentitySecret(tx, key.instanceId, given));
      return { status: 200, body: { secret: fresh, secrets } };
    },
  });
}

export function deleteIdentityRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/instance/identity',
    operationId: 'deleteIdentity',
    summary: 'Remove the secrets: the site can’t say who its visitors are any more',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    answers: { 204: { description: 'All who come are guests.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone((tx) => removeIdentitySecrets(tx, key.instanceId, actorOf(key)));
      return { status: 204 };
    },
  });
}
