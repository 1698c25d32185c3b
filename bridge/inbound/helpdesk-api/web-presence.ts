import { z } from 'zod';
import { lockOperator } from '../../domain/operators/change-operator.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idParam } from './inputs.js';
import { readOperator } from './operators.js';
import { keyOf } from './own.js';
import { operatorShape } from './present-operator.js';

/** Where a helpdesk stops saying so, its operators count as gone after so long. */
const SECONDS = { least: 30, usual: 300, most: 3_600 };

/**
 * Beside what the XMPP client shows: neither undoes the other. Who is only in the helpdesk's pages isn't offered chats, which nobody would read there, but keeps
 * its own, and has at once what another operator transfers.
 */
export function putWebPresenceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/operators/:id/web-presence',
    operationId: 'putWebPresence',
    summary: 'The operator is logged in at the helpdesk’s pages, or no longer; say it again before the time is over',
    tag: 'operators',
    frequent: true,
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    body: z.strictObject({
      online: z.boolean(),
      seconds: z
        .int()
        .min(SECONDS.least)
        .max(SECONDS.most)
        .default(SECONDS.usual)
        .meta({ description: 'How long that holds.' }),
    }),
    refusals: ['not_found'],
    answers: { 200: { description: 'The operator.', schema: z.object({ operator: operatorShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { online, seconds } = request.body;
      await deps.transactions.alone(async (tx) => {
        const operator = await lockOperator(tx, key.instanceId, request.params.id);
        await tx.operators.setWebPresence(operator.id, online ? seconds : 0);
        tx.queue.wake(key.instanceId);
      });
      return { status: 200, body: { operator: await readOperator(deps, key, request.params.id) } };
    },
  });
}
