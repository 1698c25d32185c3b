import { z } from 'zod';
import { assignChat, type Assignment } from '../../domain/chats/assign-chat.js';
import { changeVisitor } from '../../domain/visitors/change-visitor.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { line, visitorFields } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { id, idParam, name } from './inputs.js';
import { activeOperator, actorOf, keyOf, lockChat, readChat } from './own.js';
import { helpdeskChatShape, presentChat } from './present.js';

const answers = { 200: { description: 'The chat.', schema: z.object({ chat: helpdeskChatShape }) } };

/** Where the helpdesk owns the queue, it says who has a chat; nobody is asked. */
export function assignChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/assign',
    operationId: 'assignChat',
    summary: 'Say who has a chat in the helpdesk, without a message: an operator, or somebody who is none here',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z
      .strictObject({
        operator: id.optional().meta({ description: 'The owner from now on, whose XMPP client gets the last lines.' }),
        holder: name(100).optional().meta({
          description: 'In place of `operator`: the name of somebody who answers only in the helpdesk’s pages.',
        }),
        by: name(100).optional().meta({ description: 'Who gave it to the operator; absent: it took the chat itself.' }),
        note: line(1000).default('').meta({ description: 'For the operator; the visitor never sees it.' }),
      })
      .refine(({ operator, holder }) => (operator === undefined) !== (holder === undefined), {
        message: 'operator or holder',
        path: ['operator'],
      }),
    refusals: ['not_found', 'conflict', 'chat_closed'],
    answers,
    handle: async (request) => {
      const key = keyOf(request);
      const { operator, holder, by, note } = request.body;
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const assignment: Assignment =
          holder === undefined
            ? {
                operator: await activeOperator(tx, key, operator as number),
                by: key.supervisor?.name ?? by ?? null,
                note,
              }
            : { holder };
        await assignChat(tx, chat, assignment);
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'chat.assign', subject: `chat:${chat.id}` },
          details: { operator, holder },
        });
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}

export function changeChatVisitorRoute(deps: HelpdeskApiDeps): Route {
  const { nick, email, language, custom } = visitorFields;
  return defineRoute({
    method: 'patch',
    path: '/chats/:id/visitor',
    operationId: 'changeChatVisitor',
    summary: 'More is known of a chat’s visitor: a new name is told to the operators who have the chat',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ nick, email, language, custom }),
    refusals: ['not_found'],
    answers,
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const visitor = await tx.visitors.lock(chat.visitorId);
        if (!visitor || visitor.erased) throw new FoyerError('not_found', 'There is no such visitor.');
        await changeVisitor(tx, chat, visitor, request.body);
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}
