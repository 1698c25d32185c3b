import { z } from 'zod';
import { followRedirect } from '../../domain/chats/redirect.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { chatId } from './inputs.js';
import { lockOwn } from './own.js';

export function followRedirectRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/redirect',
    operationId: 'followRedirect',
    summary: 'The page goes where the visitor was sent: one page does so, once',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.strictObject({ number: z.int().min(1).meta({ description: 'The one that names the redirect.' }) }),
    refusals: ['not_found', 'not_permitted', 'conflict'],
    answers: { 204: { description: 'Go.', schema: null } },
    handle: async ({ params, body, visitor }) => {
      await deps.transactions.shared({ chats: [params.id] }, async (tx) =>
        followRedirect(tx, await lockOwn(tx, visitor, params.id), body.number),
      );
      return { status: 204 };
    },
  });
}
