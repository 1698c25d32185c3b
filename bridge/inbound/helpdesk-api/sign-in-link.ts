import { z } from 'zod';
import { lockOperator } from '../../domain/operators/change-operator.js';
import { createSignInLink, LINK_MINUTES, STAFF_PAGES } from '../../domain/operators/page-session.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idParam } from './inputs.js';
import { actorOf, keyOf } from './own.js';

export function signInLinkRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/operators/:id/sign-in-link',
    operationId: 'createSignInLink',
    summary: 'A link that signs an operator in to the operators’ page, or to the supervisors’, once',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    body: z.strictObject({
      page: z.enum(STAFF_PAGES).default('operator').meta({
        description: '`supervisor`: for an operator who monitors or manages a department.',
      }),
    }),
    bodyOptional: true,
    refusals: ['not_found', 'conflict'],
    answers: {
      201: {
        description: `The link holds for ${LINK_MINUTES} minutes and is not shown again.`,
        schema: z.object({ url: z.string(), expires_at: time }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { page } = request.body;
      if (page === 'operator' && !deps.operatorPage)
        throw new FoyerError('conflict', 'There is no operators’ page: ejabberd.websocket_url isn’t set.');
      const { url, expiresAt } = await deps.transactions.alone(async (tx) => {
        const operator = await lockOperator(tx, key.instanceId, request.params.id);
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: `${page}.sign-in-link`,
          subject: `operator:${operator.id}`,
        });
        return createSignInLink(tx, operator, page);
      });
      return { status: 201, body: { url, expires_at: expiresAt.toISOString() } };
    },
  });
}
