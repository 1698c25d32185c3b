import { z } from 'zod';
import { banned } from '../../domain/bans/ban.js';
import { closeChat } from '../../domain/chats/close-chat.js';
import { seenByVisitor } from '../../domain/chats/delivery.js';
import { postVisitorMessage } from '../../domain/chats/post-visitor-message.js';
import { pageTyping } from '../../domain/chats/typing.js';
import { RATING_WORDS_LENGTH, rateChat } from '../../domain/transcripts/annotations.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { MESSAGES_A_CALL, chatId, clientMessageId, messageText } from './inputs.js';
import { lockOwn, ownChat } from './own.js';
import { PAGE_KEY, chatShape, messageShape, presentChat, presentMessage } from './present.js';

/** Messages in one answer. */
const MESSAGES_AT_ONCE = 500;

export function getChatRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/chats/:id',
    operationId: 'getChat',
    summary: 'A chat of this visitor with its messages',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(MESSAGES_AT_ONCE).default(MESSAGES_AT_ONCE),
    }),
    refusals: ['not_found', 'not_permitted'],
    answers: {
      200: {
        description:
          'The chat as of `cursor`: listen from there. `messages` are ascending; ask on with `after` while `more` is true.',
        schema: z.object({ chat: chatShape, messages: z.array(messageShape), more: z.boolean(), cursor: z.string() }),
      },
    },
    handle: async ({ params, query, visitor }) => {
      // The chat first: a message that comes in between is then read twice, once here and once by listening, never missed.
      const chat = await ownChat(deps, visitor, params.id);
      const messages = await deps.reads.messages(chat.id, query.after, query.limit);
      const shown = await presentChat(deps.reads, chat);
      return {
        status: 200,
        body: {
          chat: shown,
          messages: await Promise.all(messages.map((message) => presentMessage(deps.reads, message))),
          more: messages.length === query.limit && messages.at(-1)?.number !== chat.lastNumber,
          cursor: shown.cursor,
        },
      };
    },
  });
}

export function sendMessageRoute(deps: VisitorApiDeps): Route {
  const one = z.strictObject({ client_message_id: clientMessageId, text: messageText });
  const many = z.strictObject({ messages: z.array(one).min(1).max(MESSAGES_A_CALL) });
  return defineRoute({
    method: 'post',
    path: '/chats/:id/messages',
    operationId: 'sendMessage',
    summary: 'Say something; the same client_message_id again changes nothing',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.union([one, many]),
    bodyLimit: 4_000_000,
    refusals: ['not_found', 'not_permitted', 'banned', 'chat_closed', 'message_too_long', 'chat_full'],
    answers: {
      202: {
        description: 'Stored. `message` for one, `messages` for several.',
        schema: z.object({
          message: messageShape.optional(),
          messages: z.array(messageShape).optional(),
          cursor: z.string(),
        }),
      },
    },
    handle: async ({ params, body, visitor, address }) => {
      const { instanceId, visitorId } = visitor as VisitorCredential;
      if (await deps.reads.banned(instanceId, visitorId, deps.clientOf(address))) throw banned();
      const list = 'messages' in body ? body.messages : [body];
      await deps.limits.messages(visitorId, list.length);
      await deps.limits.messagesOf(visitor as VisitorCredential, list.length);
      const senderKeys = list.map(({ client_message_id: id }) => ({ chatId: params.id, senderKey: PAGE_KEY + id }));
      const { messages, cursor } = await deps.transactions.shared({ chats: [params.id], senderKeys }, async (tx) => {
        const chat = await lockOwn(tx, visitor, params.id);
        const messages = [];
        for (const { client_message_id: id, text } of list) {
          messages.push(await postVisitorMessage(tx, deps.chatLimits, chat, text, PAGE_KEY + id));
        }
        return { messages, cursor: `${chat.id}.${chat.feedNumber}` };
      });
      const shown = await Promise.all(messages.map((message) => presentMessage(deps.reads, message)));
      return { status: 202, body: 'messages' in body ? { messages: shown, cursor } : { message: shown[0], cursor } };
    },
  });
}

export function typingRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/typing',
    operationId: 'setTyping',
    summary: 'The visitor began or stopped typing',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.strictObject({
      typing: z.boolean(),
      text: z.string().max(10_000).optional().meta({
        description:
          'All that stands in the field, while the chat has `preview`: its operator sees 1,000 characters of it. Never recorded.',
      }),
    }),
    refusals: ['not_found', 'not_permitted'],
    answers: { 204: { description: 'Told to the operator.', schema: null } },
    handle: async ({ params, body, visitor }) => {
      await deps.transactions.shared({ chats: [params.id] }, async (tx) =>
        pageTyping(tx, await lockOwn(tx, visitor, params.id), body.typing, body.text),
      );
      return { status: 204 };
    },
  });
}

export function seenRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/seen',
    operationId: 'setSeen',
    summary: 'The page has shown the operator’s messages up to this number',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.strictObject({
      number: z
        .int()
        .min(0)
        .max(2 ** 31),
    }),
    refusals: ['not_found', 'not_permitted'],
    answers: { 204: { description: 'Told to the operator.', schema: null } },
    handle: async ({ params, body, visitor }) => {
      await deps.transactions.shared({ chats: [params.id] }, async (tx) =>
        seenByVisitor(tx, await lockOwn(tx, visitor, params.id), body.number),
      );
      return { status: 204 };
    },
  });
}

export function closeChatRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/close',
    operationId: 'closeChat',
    summary: 'End the chat, or decline an invitation',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.strictObject({}),
    bodyOptional: true,
    refusals: ['not_found', 'not_permitted'],
    answers: { 200: { description: 'The chat, closed.', schema: z.object({ chat: chatShape }) } },
    handle: async ({ params, visitor }) => {
      const chat = await deps.transactions.alone(async (tx) => {
        const chat = await lockOwn(tx, visitor, params.id);
        await closeChat(tx, chat, 'visitor');
        return chat;
      });
      return { status: 200, body: { chat: await presentChat(deps.reads, chat) } };
    },
  });
}

export function rateRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/rating',
    operationId: 'rateChat',
    summary: 'Say how the chat was, once it is over; the newest answer counts',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.strictObject({
      score: z.int().min(1).max(5).meta({ description: '1 (bad) to 5 (good).' }),
      words: z.string().max(RATING_WORDS_LENGTH).default(''),
    }),
    refusals: ['not_found', 'not_permitted', 'conflict'],
    answers: { 200: { description: 'The chat with its rating.', schema: z.object({ chat: chatShape }) } },
    handle: async ({ params, body, visitor }) => {
      await deps.transactions.alone(async (tx) =>
        rateChat(tx, await lockOwn(tx, visitor, params.id), body.score, body.words),
      );
      const chat = await ownChat(deps, visitor, params.id);
      return { status: 200, body: { chat: await presentChat(deps.reads, chat) } };
    },
  });
}
