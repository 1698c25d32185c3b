import { z } from 'zod';
import { redirectVisitor } from '../../domain/chats/redirect.js';
import { defineRoute, type Route } from '../http/route.js';
import { redirectShape } from '../listening/events.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idParam, name } from './inputs.js';
import { activeOperator, actorOf, keyOf, lockChat } from './own.js';

/** Bounded far above what is taken, so that the refusal says why. */
const ADDRESS = 10_000;

export function redirectChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/redirect',
    operationId: 'redirectChat',
    summary: 'Have the visitor’s page offer an address or go there, as the desk wants it',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    idempotencyKey: true,
    params: idParam,
    body: z
      .strictObject({
        url: z.string().max(ADDRESS).meta({
          description: 'http or https, without name and password; or `/page` of the site where the visitor is.',
        }),
        operator_id: id.optional(),
        author: name(100).optional().meta({ description: 'Whose idea it is, where that is no operator.' }),
      })
      .refine(({ operator_id: operator, author }) => (operator === undefined) !== (author === undefined), {
        message: 'must name either operator_id or author',
        path: ['author'],
      }),
    refusals: ['not_found', 'chat_closed', 'redirect_refused', 'chat_full'],
    answers: {
      201: {
        description: 'The page is told; its visitor reads of it in the chat.',
        schema: z.object({ redirect: redirectShape }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { url, operator_id: operatorId, author = '' } = request.body;
      return once(deps.transactions, request, async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const by = operatorId === undefined ? author : (await activeOperator(tx, key, operatorId)).name;
        const redirect = await redirectVisitor(tx, deps.chatLimits, chat, url, by);
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'chat.redirect', subject: `chat:${chat.id}` },
          details: { url: redirect.url },
        });
        return { status: 201, body: { redirect } };
      });
    },
  });
}
