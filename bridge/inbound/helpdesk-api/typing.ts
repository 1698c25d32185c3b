import { z } from 'zod';
import { visitorTyping, webTyping } from '../../domain/chats/typing.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { id, idParam, name } from './inputs.js';
import { activeOperator, keyOf, lockChat } from './own.js';

const body = z
  .strictObject({
    typing: z.boolean(),
    sender: z.enum(['visitor', 'operator']).default('visitor'),
    text: z.string().max(10_000).optional().meta({
      description:
        'All that stands in the visitor’s field, for operators’ clients that show it (XEP-0301): 1,000 characters at most. Never recorded.',
    }),
    operator_id: id.optional().meta({ description: 'With `sender` operator: who types in the helpdesk’s pages.' }),
    author: name(100).optional().meta({ description: 'The same of somebody who is no operator here.' }),
  })
  .refine(
    ({ sender, text, operator_id: operator, author }) =>
      sender === 'visitor' ? operator === undefined && author === undefined : text === undefined,
    { message: 'text goes with the sender visitor, operator_id and author with the sender operator', path: ['sender'] },
  );

export function typingRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/typing',
    operationId: 'setHelpdeskTyping',
    summary: 'The visitor, or somebody in the helpdesk’s pages, began or stopped typing',
    tag: 'chats',
    frequent: true,
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body,
    refusals: ['not_found'],
    answers: { 204: { description: 'Told to the operator; an operator’s also to the visitor’s page.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      const { typing, sender, text, operator_id: operatorId, author } = request.body;
      await deps.transactions.shared({ chats: [request.params.id] }, async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        if (sender === 'visitor') return visitorTyping(tx, chat, typing, text);
        const operator = operatorId === undefined ? null : await activeOperator(tx, key, operatorId);
        return webTyping(tx, chat, operator, operator?.name ?? author ?? 'Helpdesk', typing);
      });
      return { status: 204 };
    },
  });
}
