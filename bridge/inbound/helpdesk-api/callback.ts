import { z } from 'zod';
import { removeCallback, setCallback } from '../../domain/instances/set-callback.js';
import { FoyerError } from '../../shared/errors.js';
import { shownAddress } from '../../shared/shown-address.js';
import { decodeSecret } from '../../shared/webhook-signature.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { actorOf, keyOf } from './own.js';

const SECRET_BYTES = 32;

const callbackShape = z
  .object({
    url: z
      .string()
      .nullable()
      .meta({ description: 'The values of its query are hidden. Null: nobody listens, and no callbacks are written.' }),
    secrets: z.int().meta({ description: 'How many secrets sign each callback: two while they are changed over.' }),
  })
  .meta({ id: 'CallbackAddress' });

export function getCallbackRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/instance/callback',
    operationId: 'getCallback',
    summary: 'Where callbacks go',
    tag: 'callbacks',
    auth: { kind: 'key', scope: 'outbox' },
    answers: { 200: { description: 'The address. Secrets aren’t shown.', schema: callbackShape } },
    handle: async (request) => ({ status: 200, body: await deps.helpdeskReads.callback(keyOf(request).instanceId) }),
  });
}

export function putCallbackRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/instance/callback',
    operationId: 'putCallback',
    summary: 'Set where callbacks go and what signs them',
    tag: 'callbacks',
    auth: { kind: 'key', scope: 'outbox' },
    body: z.strictObject({
      url: z.string().max(1000).meta({ description: 'https; without user name and fragment.' }),
      secret: z
        .string()
        .refine((value) => decodeSecret(value) !== null, 'must be whsec_ followed by base64 of 24 to 64 bytes')
        .optional()
        .meta({ description: 'Absent: the present one stays, or one is made up if there is none.' }),
      rotate: z.boolean().default(false).meta({
        description:
          'Signs with a new secret (given or made up) and the one before, until the next call: the receiver can change over in its own time.',
      }),
    }),
    answers: {
      200: {
        description: 'The address.',
        schema: callbackShape.extend({
          secret: z.string().optional().meta({ description: 'Only when Foyer made it up: it is not shown again.' }),
        }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { url, secret, rotate } = request.body;
      checkUrl(url, deps.allowPrivateCallbacks);
      const shown = shownAddress(url);
      const fresh = `whsec_${Buffer.from(deps.ids.secret(SECRET_BYTES), 'base64url').toString('base64')}`;
      const result = await deps.transactions.alone(async (tx) => {
        const set = await setCallback(tx, key.instanceId, { url, secret, rotate, fresh });
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'callback.set',
          subject: 'callback',
          details: { url: shown, rotate },
        });
        return set;
      });
      return {
        status: 200,
        body: { url: shown, secrets: result.secrets, ...(result.madeUp ? { secret: fresh } : {}) },
      };
    },
  });
}

export function deleteCallbackRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/instance/callback',
    operationId: 'deleteCallback',
    summary: 'No more callbacks; what waits becomes dead letters',
    tag: 'callbacks',
    auth: { kind: 'key', scope: 'outbox' },
    answers: { 204: { description: 'Nobody is called back.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        await removeCallback(tx, key.instanceId);
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'callback.remove',
          subject: 'callback',
        });
      });
      return { status: 204 };
    },
  });
}

export function testCallbackRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/instance/callback/test',
    operationId: 'testCallback',
    summary: 'Send a signed callback of the type callback.test now, and say what came of it',
    tag: 'callbacks',
    auth: { kind: 'key', scope: 'outbox' },
    body: z.strictObject({}),
    bodyOptional: true,
    answers: {
      200: {
        description: 'What came of it, good or bad.',
        schema: z.object({
          delivered: z.boolean(),
          status: z.int().nullable(),
          reason: z.string(),
          milliseconds: z.int(),
        }),
      },
    },
    handle: async (request) => ({ status: 200, body: await deps.testCallback(keyOf(request).instanceId) }),
  });
}

/**
 * What a name leads to is checked with every callback; here only what can be told from the address. @throws FoyerError
 * `invalid_request`
 */
export function checkUrl(text: string, allowPrivate: boolean): void {
  const refuse = (message: string): never => {
    throw new FoyerError('invalid_request', `url: ${message}`, { issues: [{ in: 'body', path: 'url', message }] });
  };
  if (!URL.canParse(text)) refuse('must be an absolute address');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) refuse('must be https');
  if (url.username !== '' || url.password !== '') refuse('must not hold a user name or password');
  if (url.hash !== '') refuse('must not have a fragment');
}
