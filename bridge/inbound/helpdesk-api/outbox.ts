import { z } from 'zod';
import type { LaneView } from '../../domain/helpdesk-reads.js';
import type { DeadLetter } from '../../domain/outbox/dead-letter.js';
import { TARGETS } from '../../domain/outbox/lane.js';
import { dropDeadLetter, resendDeadLetter } from '../../domain/outbox/resend.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { idNumber, idParam, limit } from './inputs.js';
import { actorOf, keyOf } from './own.js';

const LANES_AT_ONCE = 500;
const LETTERS_AT_ONCE = 100;

const laneShape = z
  .object({
    lane: z.string(),
    target: z.enum(TARGETS).meta({
      description:
        '`account`: to ejabberd and operators; `helpdesk`: callbacks; `mail`: transcripts and messages by mail.',
    }),
    account: z.string().nullable().meta({ description: 'JID of the account whose lane it is.' }),
    depth: z.int(),
    attempts: z.int().meta({ description: 'Failed tries of its first entry.' }),
    last_error: z.string().nullable(),
    next_at: time.nullable().meta({ description: 'Null while it is being served.' }),
    oldest_at: time,
  })
  .meta({ id: 'Lane', description: 'Entries that leave one after the other.' });

const letterShape = z
  .object({
    id: z.int(),
    lane: z.string(),
    target: z.enum(TARGETS),
    kind: z.string(),
    type: z.string().nullable().meta({ description: 'Of a callback.' }),
    entry: z.record(z.string(), z.unknown()),
    attempts: z.int(),
    reason: z.string(),
    created_at: time,
    died_at: time,
  })
  .meta({ id: 'DeadLetter' });

export function listLanesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/outbox',
    operationId: 'listOutbox',
    summary: 'What waits to leave, oldest first',
    tag: 'outbox',
    auth: { kind: 'key', scope: 'outbox' },
    answers: {
      200: {
        description: 'Lanes that aren’t empty.',
        schema: z.object({ lanes: z.array(laneShape), more: z.boolean() }),
      },
    },
    handle: async (request) => {
      const lanes = await deps.helpdeskReads.lanes(keyOf(request).instanceId, LANES_AT_ONCE + 1);
      return {
        status: 200,
        body: { lanes: lanes.slice(0, LANES_AT_ONCE).map(presentLane), more: lanes.length > LANES_AT_ONCE },
      };
    },
  });
}

export function listDeadRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/outbox/dead',
    operationId: 'listDeadLetters',
    summary: 'What was given up, newest first',
    tag: 'outbox',
    auth: { kind: 'key', scope: 'outbox' },
    query: z.strictObject({ before: idNumber.optional(), limit: limit(LETTERS_AT_ONCE, 50) }),
    answers: { 200: { description: 'One page.', schema: z.object({ dead: z.array(letterShape), more: z.boolean() }) } },
    handle: async (request) => {
      const { before, limit } = request.query;
      const letters = await deps.helpdeskReads.deadLetters(keyOf(request).instanceId, before, limit + 1);
      return { status: 200, body: { dead: letters.slice(0, limit).map(presentLetter), more: letters.length > limit } };
    },
  });
}

export function resendRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/outbox/dead/:id/resend',
    operationId: 'resendDeadLetter',
    summary: 'Put a dead letter back at the end of its lane',
    tag: 'outbox',
    auth: { kind: 'key', scope: 'outbox' },
    idempotencyKey: true,
    params: idParam,
    body: z.strictObject({}),
    bodyOptional: true,
    refusals: ['not_found'],
    answers: { 202: { description: 'It is no dead letter any more.', schema: z.object({ lane: z.string() }) } },
    handle: async (request) => {
      const key = keyOf(request);
      return once(deps.transactions, request, async (tx) => {
        const { id, lane } = await resendDeadLetter(tx, key.instanceId, request.params.id);
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'outbox.resend',
          subject: `dead_letter:${id}`,
        });
        return { status: 202, body: { lane } };
      });
    },
  });
}

export function deleteDeadRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/outbox/dead/:id',
    operationId: 'deleteDeadLetter',
    summary: 'Forget a dead letter',
    tag: 'outbox',
    auth: { kind: 'key', scope: 'outbox' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'It is gone.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const { id, reason } = await dropDeadLetter(tx, key.instanceId, request.params.id);
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'outbox.delete',
          subject: `dead_letter:${id}`,
          details: { reason },
        });
      });
      return { status: 204 };
    },
  });
}

function presentLane(lane: LaneView): z.infer<typeof laneShape> {
  return {
    lane: lane.name,
    target: lane.target,
    account: lane.accountJid,
    depth: lane.depth,
    attempts: lane.attempts,
    last_error: lane.lastError,
    next_at: lane.nextAt?.toISOString() ?? null,
    oldest_at: lane.oldestAt.toISOString(),
  };
}

function presentLetter({
  id,
  lane,
  target,
  entry,
  attempts,
  reason,
  createdAt,
  diedAt,
}: DeadLetter): z.infer<typeof letterShape> {
  const type = entry.kind === 'helpdesk.callback' ? entry.type : null;
  return {
    id,
    lane,
    target,
    kind: entry.kind,
    type,
    entry: { ...entry },
    attempts,
    reason,
    created_at: createdAt.toISOString(),
    died_at: diedAt.toISOString(),
  };
}
