import { z } from 'zod';
import type { Chat } from '../../domain/chats/chat.js';
import { deleteMessage, editMessage } from '../../domain/chats/change-message.js';
import type { Message } from '../../domain/chats/message.js';
import type { Tx } from '../../domain/ports.js';
import { defineRoute, type Request, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber, idParam, text } from './inputs.js';
import { actorOf, keyOf, lockChat } from './own.js';
import { helpdeskMessageShape, presentMessage } from './present.js';

const params = idParam.extend({ number: idNumber.meta({ description: 'The message’s number in its chat.' }) });
const answer = z.object({ message: helpdeskMessageShape });
type Params = z.output<typeof params>;

export function editMessageRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/chats/:id/messages/:number',
    operationId: 'editMessage',
    summary:
      'Change the text of a message; the record keeps the one before it, and operators’ clients show the new one',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params,
    body: z.strictObject({ text }),
    refusals: ['not_found', 'conflict', 'message_too_long', 'chat_full'],
    answers: { 200: { description: 'The message as it is now.', schema: answer } },
    handle: (request) =>
      change(deps, request, 'message.edit', (tx, chat) =>
        editMessage(tx, deps.chatLimits, chat, request.params.number, request.body.text),
      ),
  });
}

export function deleteMessageRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/chats/:id/messages/:number',
    operationId: 'deleteMessage',
    summary: 'Take the words of a message away; that there was one stays. Operators’ clients are asked to do likewise',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params,
    refusals: ['not_found'],
    answers: { 200: { description: 'The message as it is now, without text.', schema: answer } },
    handle: (request) =>
      change(deps, request, 'message.delete', (tx, chat) => deleteMessage(tx, chat, request.params.number)),
  });
}

async function change(
  deps: HelpdeskApiDeps,
  request: Request<Params, unknown, unknown>,
  action: string,
  work: (tx: Tx, chat: Chat) => Promise<Message>,
) {
  const key = keyOf(request);
  const { id, number } = request.params;
  const message = await deps.transactions.alone(async (tx) => {
    const changed = await work(tx, await lockChat(tx, key, id));
    tx.audit.add({
      instanceId: key.instanceId,
      actor: actorOf(key),
      action,
      subject: `chat:${id}`,
      details: { number },
    });
    return presentMessage((operatorId) => tx.operators.get(operatorId), changed);
  });
  return { status: 200, body: { message } };
}
