import { z } from 'zod';
import type { RejectedEvent } from '../../domain/rejected-event.js';
import { retryRejected } from '../ejabberd-hooks/rejected.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { limit } from './inputs.js';
import { actorOf, keyOf } from './own.js';

const EVENTS_AT_ONCE = 100;

const eventId = z.string().regex(/^[\x21-\x7e]{1,120}$/);
const eventShape = z
  .object({
    id: z.string(),
    kind: z.string().nullable(),
    event: z.record(z.string(), z.unknown()).meta({ description: 'As mod_foyer sent it.' }),
    code: z.string(),
    reason: z.string(),
    received_at: time,
  })
  .meta({ id: 'RejectedEvent' });

export function listRejectedRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/events/rejected',
    operationId: 'listRejectedEvents',
    summary: 'What operators’ clients sent and Foyer couldn’t use, newest first',
    tag: 'outbox',
    auth: { kind: 'key', scope: 'outbox' },
    query: z.strictObject({
      before: eventId.optional().meta({ description: 'Only those behind the event of this id: the next page.' }),
      limit: limit(EVENTS_AT_ONCE, 50),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ events: z.array(eventShape), more: z.boolean() }) },
    },
    handle: async (request) => {
      const { before, limit } = request.query;
      const events = await deps.helpdeskReads.rejectedEvents(keyOf(request).instanceId, before, limit + 1);
      return { status: 200, body: { events: events.slice(0, limit).map(presentEvent), more: events.length > limit } };
    },
  });
}

export function retryRejectedRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/events/rejected/:id/retry',
    operationId: 'retryRejectedEvent',
    summary: 'Take an event again, as if it came now',
    tag: 'outbox',
    auth: { kind: 'key', scope: 'outbox' },
    idempotencyKey: true,
    params: z.object({ id: eventId }),
    body: z.strictObject({}),
    bodyOptional: true,
    refusals: ['not_found', 'conflict', 'forbidden'],
    answers: {
      200: { description: 'It was taken, and is none of the rejected any more.', schema: z.object({ id: z.string() }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { id } = request.params;
      const context = { limits: deps.chatLimits, commands: deps.commands, serviceLocal: deps.serviceLocal };
      return once(deps.transactions, request, async (tx) => {
        await retryRejected(tx, context, id, key.instanceId);
        const actor = actorOf(key);
        tx.audit.add({ instanceId: key.instanceId, actor, action: 'events.resend', subject: `event:${id}` });
        return { status: 200, body: { id } };
      });
    },
  });
}

function presentEvent({ id, event, code, reason, receivedAt }: RejectedEvent): z.infer<typeof eventShape> {
  const { kind } = event;
  return {
    ...{ id, kind: typeof kind === 'string' ? kind : null, event: { ...event }, code, reason },
    received_at: receivedAt.toISOString(),
  };
}
