import { z } from 'zod';
import { declineChat } from '../../domain/queue/decline.js';
import { transferToDepartment, transferToOperator } from '../../domain/queue/transfer.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { line } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { id, idParam, name } from './inputs.js';
import { activeOperator, actorOf, checkReach, keyOf, lockChat, readChat } from './own.js';
import { helpdeskChatShape, presentChat } from './present.js';

export function transferChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/transfer',
    operationId: 'transferChat',
    summary: 'Ask another operator to take a chat over, or put it into a department’s queue',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z
      .strictObject({
        operator: id.optional().meta({ description: 'Who is asked. The owner keeps the chat until then.' }),
        department: id
          .optional()
          .meta({ description: 'Where the chat waits from now on, before those that began later.' }),
        note: line(1000).default('').meta({ description: 'For whoever takes it; the visitor never sees it.' }),
        author: name(100).default('Helpdesk').meta({ description: 'Who hands it over, as the operators read it.' }),
      })
      .refine(({ operator, department }) => (operator === undefined) !== (department === undefined), {
        message: 'operator or department',
        path: ['operator'],
      }),
    refusals: ['not_found', 'conflict', 'operator_absent', 'operator_full'],
    answers: { 200: { description: 'The chat.', schema: z.object({ chat: helpdeskChatShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { operator, department, note, author } = request.body;
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const handover = { from: key.supervisor?.name ?? author, note };
        if (operator !== undefined) {
          await transferToOperator(tx, chat, await activeOperator(tx, key, operator), handover);
        } else {
          const target = await tx.desks.department(key.instanceId, department as number);
          if (!target) throw new FoyerError('not_found', 'There is no such department.');
          checkReach(key, target.id, 'monitor', 'department');
          await transferToDepartment(tx, chat, target, handover);
        }
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'chat.transfer', subject: `chat:${chat.id}` },
          details: { operator, department },
        });
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}

export function declineChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/decline',
    operationId: 'declineChat',
    summary: 'An operator doesn’t take a chat that it is offered: the next one is asked',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ operator: id }),
    refusals: ['not_found', 'conflict'],
    answers: { 200: { description: 'The chat.', schema: z.object({ chat: helpdeskChatShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const operator = await activeOperator(tx, key, request.body.operator);
        if (!(await declineChat(tx, chat, operator)))
          throw new FoyerError('conflict', 'The chat isn’t offered to this operator.');
      });
      return { status: 200, body: { chat: presentChat(await readChat(deps, key, request.params.id)) } };
    },
  });
}
