import { z } from 'zod';
import { closeChat } from '../../domain/chats/close-chat.js';
import { isOpen } from '../../domain/chats/chat.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { externalId, idNumber, idParam, limit } from './inputs.js';
import { MESSAGES_AT_ONCE, presentMessages } from './message-list.js';
import { actorOf, keyOf, lockChat, readChat } from './own.js';
import {
  accountShape,
  chatStates,
  helpdeskChatShape,
  helpdeskMessageShape,
  operatorRefShape,
  presentChat,
  presentOperatorRef,
} from './present.js';
import { presentTranscript, transcriptShape } from './transcripts.js';

const CHATS_AT_ONCE = 100;

export function listChatsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats',
    operationId: 'listChats',
    summary: 'Chats, newest first',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    query: z.strictObject({
      state: z
        .string()
        .transform((value) => value.split(','))
        .pipe(z.array(z.enum(chatStates)).max(chatStates.length))
        .optional()
        .meta({ description: `States, separated by commas: ${chatStates.join(', ')}.` }),
      live: z.enum(['', 'true']).optional().meta({ description: 'Only chats that aren’t over, in place of `state`.' }),
      visitor: externalId.optional(),
      before: idNumber.optional().meta({ description: 'Only chats with a lower id: the next page.' }),
      limit: limit(CHATS_AT_ONCE, 50),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ chats: z.array(helpdeskChatShape), more: z.boolean() }) },
    },
    handle: async (request) => {
      const { instanceId } = keyOf(request);
      const { live, visitor, before, limit } = request.query;
      const state = live === undefined ? request.query.state : chatStates.filter((one) => isOpen({ state: one }));
      const owner = visitor === undefined ? undefined : await deps.reads.visitorByExternalId(instanceId, visitor);
      if (visitor !== undefined && !owner) return { status: 200, body: { chats: [], more: false } };
      const found = await deps.helpdeskReads.chats(instanceId, {
        states: state,
        visitorId: owner?.id,
        before,
        limit: limit + 1,
      });
      return { status: 200, body: { chats: found.slice(0, limit).map(presentChat), more: found.length > limit } };
    },
  });
}

export function getChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id',
    operationId: 'getHelpdeskChat',
    summary: 'A chat',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'The chat.', schema: z.object({ chat: helpdeskChatShape }) } },
    handle: async (request) => ({
      status: 200,
      body: { chat: presentChat(await readChat(deps, keyOf(request), request.params.id)) },
    }),
  });
}

export function configurationRoute(deps: HelpdeskApiDeps): Route {
  const answer = z.object({
    session_id: z.int(),
    chat: helpdeskChatShape,
    desk: z.object({ key: z.string(), name: z.string() }).nullable(),
    visitor_account: accountShape,
    operator_account: operatorRefShape.nullable(),
    operators: z
      .array(operatorRefShape)
      .meta({ description: 'Who has been asked to take the chat, or would be with the first message.' }),
    limits: z.object({ message_bytes: z.int(), chat_bytes: z.int(), chat_bytes_left: z.int() }),
  });
  return defineRoute({
    method: 'get',
    path: '/chats/:id/configuration',
    operationId: 'getChatConfiguration',
    summary: 'The XMPP accounts behind a session, its desk and its limits',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'The configuration as it is now.', schema: answer } },
    handle: async (request) => {
      const view = await readChat(deps, keyOf(request), request.params.id);
      const { chat } = view;
      const desks = await deps.helpdeskReads.desks(chat.instanceId);
      const desk = desks.find(({ id }) => id === chat.deskId);
      const unowned = isOpen(chat) && chat.operatorId === null && chat.heldBy === null;
      const asked = unowned ? await deps.helpdeskReads.asked(chat.id) : [];
      const operators = (asked.length > 0 || !unowned ? asked : await deps.helpdeskReads.online(chat.departmentId)).map(
        presentOperatorRef,
      );
      const { messageBytes, chatBytes } = deps.chatLimits;
      return {
        status: 200,
        body: {
          session_id: chat.id,
          chat: presentChat(view),
          desk: desk ? { key: desk.key, name: desk.name } : null,
          visitor_account: view.account,
          operator_account: view.operator ? presentOperatorRef(view.operator) : (operators[0] ?? null),
          operators,
          limits: {
            message_bytes: messageBytes,
            chat_bytes: chatBytes,
            chat_bytes_left: Math.max(0, chatBytes - chat.textBytes),
          },
        },
      };
    },
  });
}

export function listMessagesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id/messages',
    operationId: 'listMessages',
    summary: 'Messages of a chat with their delivery states and earlier versions, ascending',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    query: z.strictObject({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .max(2 ** 31)
        .default(0),
      limit: limit(MESSAGES_AT_ONCE, 200),
    }),
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'One page.',
        schema: z.object({ messages: z.array(helpdeskMessageShape), more: z.boolean(), cursor: z.string() }),
      },
    },
    handle: async (request) => {
      const { chat } = await readChat(deps, keyOf(request), request.params.id);
      const { after, limit } = request.query;
      const found = await deps.reads.messages(chat.id, after, limit + 1);
      const messages = await presentMessages(deps, chat.id, found.slice(0, limit));
      return { status: 200, body: { messages, more: found.length > limit, cursor: `${chat.id}.${chat.feedNumber}` } };
    },
  });
}

export function closeChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/close',
    operationId: 'closeHelpdeskChat',
    summary: 'End a chat; one that has ended stays as it is',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({
      by: z
        .enum(['visitor', 'helpdesk'])
        .default('helpdesk')
        .meta({ description: '`visitor`: it ended the chat on the helpdesk’s page. The operator is told which.' }),
    }),
    bodyOptional: true,
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'The chat and its transcript.',
        schema: z.object({ chat: helpdeskChatShape, transcript: transcriptShape }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        if (!isOpen(chat)) return;
        await closeChat(tx, chat, request.body.by);
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'chat.close',
          subject: `chat:${chat.id}`,
        });
      });
      const view = await readChat(deps, key, request.params.id);
      return { status: 200, body: { chat: presentChat(view), transcript: await presentTranscript(deps, view) } };
    },
  });
}
