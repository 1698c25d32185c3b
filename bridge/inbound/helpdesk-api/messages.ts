import { z } from 'zod';
import type { Chat } from '../../domain/chats/chat.js';
import { deliveredToVisitor, seenByVisitor } from '../../domain/chats/delivery.js';
import type { Message } from '../../domain/chats/message.js';
import { postVisitorMessage } from '../../domain/chats/post-visitor-message.js';
import { postWebMessage } from '../../domain/chats/post-web-message.js';
import { HELPDESK_KEY } from '../../domain/helpdesk-events.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idempotencyKey, once } from './idempotency.js';
import { id, idParam, messageId, name, text } from './inputs.js';
import { activeOperator, keyOf, lockChat } from './own.js';
import { helpdeskMessageShape, presentMessage } from './present.js';

const MESSAGES_A_CALL = 50;

const one = z
  .strictObject({
    sender: z.enum(['visitor', 'operator', 'system']).default('visitor'),
    text,
    message_id: messageId,
    operator_id: id.optional().meta({
      description: 'With `sender` operator: who answered in the helpdesk’s pages. Takes a chat that nobody has.',
    }),
    author: name(100).optional().meta({
      description: 'With `sender` operator and no `operator_id`: the name that the visitor and the operators read.',
    }),
  })
  .refine(
    ({ sender, operator_id: operator, author }) =>
      sender === 'operator' || (operator === undefined && author === undefined),
    {
      message: 'operator_id and author go with the sender operator',
      path: ['sender'],
    },
  );
const many = z.strictObject({ messages: z.array(one).min(1).max(MESSAGES_A_CALL) });
type Sent = z.output<typeof one>;

export function sendMessagesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/messages',
    operationId: 'sendHelpdeskMessage',
    summary: 'Put what the visitor or somebody in the helpdesk’s pages wrote into a chat',
    tag: 'chats',
    frequent: true,
    auth: { kind: 'key', scope: 'chats' },
    idempotencyKey: true,
    params: idParam,
    body: z.union([one, many]),
    bodyLimit: 4_000_000,
    refusals: ['not_found', 'conflict', 'chat_closed', 'operator_full', 'message_too_long', 'chat_full'],
    answers: {
      202: {
        description: 'Stored, and on its way. `message` for one, `messages` for several; all or none.',
        schema: z.object({
          message: helpdeskMessageShape.optional(),
          messages: z.array(helpdeskMessageShape).optional(),
          cursor: z.string(),
        }),
      },
    },
    handle: async (request) => {
      const { params, body } = request;
      const key = keyOf(request);
      const list = 'messages' in body ? body.messages : [body];
      await deps.limits.messagesOf(key, list.length);
      const work = async (tx: Tx) => {
        const chat = await lockChat(tx, key, params.id);
        const shown = [];
        for (const sent of list) {
          const message = await post(tx, deps, key, chat, sent);
          shown.push(await presentMessage((operatorId) => tx.operators.get(operatorId), message));
        }
        const cursor = `${chat.id}.${chat.feedNumber}`;
        return { status: 202, body: 'messages' in body ? { messages: shown, cursor } : { message: shown[0], cursor } };
      };
      if (idempotencyKey(request) !== null) return once(deps.transactions, request, work);
      const senderKeys = list.map(({ message_id: one }) => ({ chatId: params.id, senderKey: HELPDESK_KEY + one }));
      return deps.transactions.shared({ chats: [params.id], senderKeys }, work);
    },
  });
}

async function post(tx: Tx, deps: HelpdeskApiDeps, key: KeyCredential, chat: Chat, sent: Sent): Promise<Message> {
  const senderKey = HELPDESK_KEY + sent.message_id;
  if (sent.sender === 'visitor') return postVisitorMessage(tx, deps.chatLimits, chat, sent.text, senderKey);
  const operator = sent.operator_id === undefined ? null : await activeOperator(tx, key, sent.operator_id);
  return postWebMessage(tx, deps.chatLimits, chat, {
    sender: sent.sender,
    text: sent.text,
    senderKey,
    operator,
    name: sent.author ?? null,
  });
}

const upTo = z.strictObject({
  number: z
    .int()
    .min(0)
    .max(2 ** 31),
});

export function deliveredRoute(deps: HelpdeskApiDeps): Route {
  return markRoute(deps, deliveredToVisitor, {
    path: '/chats/:id/delivered',
    operationId: 'setHelpdeskDelivered',
    summary: 'The visitor’s page has the operator’s messages up to this number',
    done: 'Recorded.',
  });
}

export function seenRoute(deps: HelpdeskApiDeps): Route {
  return markRoute(deps, seenByVisitor, {
    path: '/chats/:id/seen',
    operationId: 'setHelpdeskSeen',
    summary: 'The visitor has been shown the operator’s messages up to this number',
    done: 'Told to the operator.',
  });
}

function markRoute(
  deps: HelpdeskApiDeps,
  mark: (tx: Tx, chat: Chat, number: number) => Promise<void>,
  { done, ...route }: Pick<Route, 'path' | 'operationId' | 'summary'> & { done: string },
): Route {
  return defineRoute({
    ...route,
    method: 'post',
    tag: 'chats',
    frequent: true,
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: upTo,
    refusals: ['not_found'],
    answers: { 204: { description: done, schema: null } },
    handle: async (request) => {
      const { params, body } = request;
      await deps.transactions.shared({ chats: [params.id] }, async (tx) =>
        mark(tx, await lockChat(tx, keyOf(request), params.id), body.number),
      );
      return { status: 204 };
    },
  });
}
