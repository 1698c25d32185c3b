import { z } from 'zod';
import type { Chat } from '../../domain/chats/chat.js';
import { postVisitorMessage } from '../../domain/chats/post-visitor-message.js';
import { startChat } from '../../domain/chats/start-chat.js';
import { HELPDESK_KEY } from '../../domain/helpdesk-events.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import { describeVisitor, type Visitor } from '../../domain/visitors/visitor.js';
import { viewPage } from '../../domain/visitors/view-page.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Request, type Route } from '../http/route.js';
import { detailsOf } from '../visitor-api/inputs.js';
import type { AccountWatch } from './account-watch.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { deskKeyField, externalId, messageId, text, visitorDetails, waitQuery } from './inputs.js';
import { actorOf, findOrMakeVisitor, keyOf } from './own.js';
import {
  accountShape,
  helpdeskChatShape,
  helpdeskMessageShape,
  operatorRefShape,
  presentChat,
  presentMessage,
  presentOperatorRef,
  viewInTransaction,
} from './present.js';

export const startedShape = z.object({
  chat: helpdeskChatShape,
  visitor_account: accountShape,
  operator_account: operatorRefShape.nullable().meta({
    description:
      'Whom the visitor talks to: the owner; while nobody has taken the chat, the first of `operators`; null when nobody is online.',
  }),
  operators: z
    .array(operatorRefShape)
    .meta({ description: 'Who has been asked to take the chat, or would be with the first message.' }),
  message: helpdeskMessageShape.nullable(),
});

const body = z.strictObject({
  desk: deskKeyField,
  visitor: z.strictObject({ external_id: externalId.optional(), ...visitorDetails }).meta({
    description:
      'With `external_id` the chat is held by the visitor’s own contact; a visitor without one gets a contact for this chat alone. With `page` and `external_id` the visitor counts as online from now on.',
  }),
  text: text
    .optional()
    .meta({ description: 'What the visitor said first. Operators are asked with the first message.' }),
  message_id: messageId.optional(),
});

/** Seed of every chat that a helpdesk owns: the answer names the session and both accounts. */
export function startChatRoute(deps: HelpdeskApiDeps, accounts: AccountWatch): Route {
  return defineRoute({
    method: 'post',
    path: '/chats',
    operationId: 'startHelpdeskChat',
    summary: 'Begin a chat for a visitor, or go on in the one that is open',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    idempotencyKey: true,
    query: waitQuery,
    body,
    refusals: ['not_found', 'banned', 'desk_closed', 'desk_inactive', 'limit_reached', 'message_too_long', 'chat_full'],
    answers: {
      201: { description: 'A new chat.', schema: startedShape },
      200: { description: 'The chat that the visitor had open; `text` was added to it.', schema: startedShape },
    },
    handle: async (request) => {
      const answer = await once(deps.transactions, request, (tx) => start(tx, deps, request));
      if (request.query.wait !== 'true') return answer;
      const started = answer.body as z.infer<typeof startedShape>;
      if (started.visitor_account.state === 'ready') return answer;
      const view = await deps.helpdeskReads.chat(keyOf(request).instanceId, started.chat.id);
      const state = view ? await accounts.wait(view.chat.accountId) : started.visitor_account.state;
      return { ...answer, body: { ...started, visitor_account: { ...started.visitor_account, state } } };
    },
  });
}

async function start(tx: Tx, deps: HelpdeskApiDeps, request: Request<unknown, unknown, z.output<typeof body>>) {
  const { body } = request;
  const key = keyOf(request);
  const instance = await tx.instances.get(key.instanceId);
  const desk = await tx.instances.deskByKey(key.instanceId, body.desk);
  if (!desk) throw new FoyerError('not_found', 'There is no such desk.');
  const known = body.visitor.external_id;
  const visitor: Visitor =
    known === undefined
      ? await tx.visitors.create({ instanceId: instance.id, deskId: desk.id, externalId: null })
      : await findOrMakeVisitor(tx, instance.id, known, desk.id);
  visitor.deskId = desk.id;
  const details = detailsOf(body.visitor, body.visitor.user_agent ?? '');
  if (known !== undefined && body.visitor.page !== undefined)
    await viewPage(tx, instance, visitor, details, deps.hardTimeoutSeconds);
  else describeVisitor(visitor, details);
  const { chat, created } = await startChat(tx, {
    instance,
    desk,
    visitor,
    initiator: 'helpdesk',
    knownVisitor: known !== undefined,
  });
  const senderKey = HELPDESK_KEY + (body.message_id ?? tx.newId());
  const message =
    body.text === undefined ? null : await postVisitorMessage(tx, deps.chatLimits, chat, body.text, senderKey);
  if (created)
    tx.audit.add({ instanceId: instance.id, actor: actorOf(key), action: 'chat.start', subject: `chat:${chat.id}` });
  const view = await viewInTransaction(tx, chat);
  const asked = await askedOrOnline(tx, chat);
  return {
    status: created ? 201 : 200,
    body: {
      chat: presentChat(view),
      visitor_account: view.account,
      operator_account: view.operator ? presentOperatorRef(view.operator) : (asked[0] ?? null),
      operators: asked,
      message: message && (await presentMessage((id) => tx.operators.get(id), message)),
    },
  };
}

async function askedOrOnline(tx: Tx, chat: Chat) {
  if (chat.operatorId !== null || chat.heldBy !== null) return [];
  const participants = await tx.chats.participants(chat.id);
  const asked = await Promise.all(
    participants.filter(({ role }) => role === 'offered').map(({ operatorId }) => tx.operators.get(operatorId)),
  );
  const operators = asked.filter((operator): operator is Operator => operator !== undefined);
  return (operators.length > 0 ? operators : await tx.operators.online(chat.departmentId)).map(presentOperatorRef);
}
