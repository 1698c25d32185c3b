import { z } from 'zod';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import type { Supervision } from '../../domain/supervision/store.js';
import { takeOver } from '../../domain/supervision/take-over.js';
import { leaveChat, watchChat } from '../../domain/supervision/watch.js';
import { whisper } from '../../domain/supervision/whisper.js';
import { NOTE_LENGTH } from '../../domain/transcripts/annotations.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { noteShape, presentNote } from './annotations.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idNumber, idParam } from './inputs.js';
import { activeOperator, actorOf, keyOf, lockChat, readChat } from './own.js';
import { helpdeskChatShape, presentChat } from './present.js';

/** What operators who monitor or manage a department do with chats that others have; the operator's access is asked at each call. */

const theChat = { 200: { description: 'The chat.', schema: z.object({ chat: helpdeskChatShape }) } };
const watcherParams = z.strictObject({ id: idNumber, operator: idNumber });

export const supervisionShape = z
  .object({
    kind: z.enum(['watch', 'takeover']),
    operator: z.object({ id: z.int(), name: z.string() }),
    told: z.boolean().meta({ description: 'Whether the owner was told.' }),
    began_at: time,
    ended_at: time.nullable().meta({ description: 'Null of one that goes on.' }),
  })
  .meta({ id: 'Supervision', description: 'Somebody watched the chat, or took it over. The visitor never sees it.' });

export function watchChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/chats/:id/watchers/:operator',
    operationId: 'watchChat',
    summary: 'An operator follows a chat in its XMPP client, without a voice and unseen by the visitor',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: watcherParams,
    refusals: ['not_found', 'not_supervisor', 'chat_closed', 'conflict'],
    answers: theChat,
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id, 'monitor');
        await watchChat(tx, chat, await actingOperator(tx, key, request.params.operator), actorOf(key));
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}

export function leaveChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/chats/:id/watchers/:operator',
    operationId: 'unwatchChat',
    summary: 'An operator watches a chat no longer, or takes part in its room no longer',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: watcherParams,
    refusals: ['not_found', 'conflict'],
    answers: theChat,
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id, 'monitor');
        await leaveChat(tx, chat, await actingOperator(tx, key, request.params.operator), actorOf(key));
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}

export function whisperRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/whispers',
    operationId: 'whisper',
    summary: 'An operator says something to the chat’s owner and watchers; the visitor never sees it',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    idempotencyKey: true,
    body: z.strictObject({ operator: id, text: z.string().min(1).max(NOTE_LENGTH) }),
    refusals: ['not_found', 'not_supervisor', 'chat_closed', 'conflict', 'message_too_long'],
    answers: { 201: { description: 'The note that is kept of it.', schema: z.object({ note: noteShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { operator, text } = request.body;
      return once(deps.transactions, request, async (tx) => {
        const chat = await lockChat(tx, key, request.params.id, 'monitor');
        const author = await actingOperator(tx, key, operator);
        const note = await whisper(tx, chat, author, { text, senderKey: `h:${tx.newId()}`, stanzaId: '' });
        return { status: 201, body: { note: presentNote(note) } };
      });
    },
  });
}

export function takeOverRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/takeover',
    operationId: 'takeOverChat',
    summary: 'An operator has a chat at once, whoever has it now and however many it has itself',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ operator: id }),
    refusals: ['not_found', 'not_supervisor', 'chat_closed', 'chat_taken', 'conflict'],
    answers: theChat,
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id, 'monitor');
        await takeOver(tx, chat, await actingOperator(tx, key, request.body.operator), actorOf(key));
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}

/** Who is signed in as a supervisor acts as itself alone. */
async function actingOperator(tx: Tx, key: KeyCredential, id: number): Promise<Operator> {
  if (key.supervisor && key.supervisor.operatorId !== id)
    throw new FoyerError('forbidden', 'You can do this for yourself alone.');
  return activeOperator(tx, key, id);
}

export function presentSupervision(one: Supervision): z.infer<typeof supervisionShape> {
  const { kind, operatorId, operatorName, told, beganAt, endedAt } = one;
  return {
    ...{ kind, operator: { id: operatorId, name: operatorName }, told },
    ...{ began_at: beganAt.toISOString(), ended_at: endedAt?.toISOString() ?? null },
  };
}
