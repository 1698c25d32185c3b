import { z } from 'zod';
import {
  REPLIES_AT_MOST,
  REPLY_LENGTH,
  REPLY_NAME,
  TRANSLATIONS_AT_MOST,
  changeReply,
  createReply,
  deleteReply,
  type CannedReply,
} from '../../domain/canned-replies/canned-reply.js';
import { defineRoute, type Route } from '../http/route.js';
import { languageTag } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idParam } from './inputs.js';
import { actorOf, keyOf } from './own.js';

const shape = z
  .object({
    id: z.int(),
    name: z.string(),
    department: z.int().nullable(),
    text: z.string(),
    translations: z.record(z.string(), z.string()),
  })
  .meta({ id: 'CannedReply', description: 'A text that operators send by `!canned` and its name.' });

export const cannedReplyFields = {
  name: z
    .string()
    .regex(REPLY_NAME, 'must be a letter, and 39 letters, digits, _ or - at most')
    .meta({ description: 'What operators type; kept in lower case.' }),
  department: id.nullable().meta({
    description: 'Only for chats of this department, in place of the reply of the same name that all have; null: all.',
  }),
  text: z.string().min(1).max(REPLY_LENGTH).meta({
    description: 'With {nick}, {operator} and {page} for the visitor’s name, the operator’s, and the visitor’s page.',
  }),
  translations: z
    .record(languageTag, z.string().min(1).max(REPLY_LENGTH))
    .refine((all) => Object.keys(all).length <= TRANSLATIONS_AT_MOST, `must be ${TRANSLATIONS_AT_MOST} at most`)
    .meta({
      description: 'The text for visitors of other languages, by language tag; `de` is for `de-AT` too.',
      maxProperties: TRANSLATIONS_AT_MOST,
    }),
};

export function listCannedRepliesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/canned-replies',
    operationId: 'listCannedReplies',
    summary: 'All canned replies, by name',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    answers: {
      200: { description: `At most ${REPLIES_AT_MOST}.`, schema: z.object({ canned_replies: z.array(shape) }) },
    },
    handle: async (request) => ({
      status: 200,
      body: { canned_replies: (await deps.helpdeskReads.cannedReplies(keyOf(request).instanceId)).map(present) },
    }),
  });
}

export function createCannedReplyRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/canned-replies',
    operationId: 'createCannedReply',
    summary: 'Make a canned reply',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    idempotencyKey: true,
    body: z.strictObject({
      ...cannedReplyFields,
      department: cannedReplyFields.department.default(null),
      translations: cannedReplyFields.translations.default({}),
    }),
    refusals: ['not_found', 'conflict'],
    answers: { 201: { description: 'The reply.', schema: z.object({ canned_reply: shape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { department: departmentId, ...rest } = request.body;
      return once(deps.transactions, request, async (tx) => {
        const reply = await createReply(tx, key.instanceId, { ...rest, departmentId });
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'canned_reply.create' },
          ...{ subject: `canned_reply:${reply.id}`, details: { name: reply.name } },
        });
        return { status: 201, body: { canned_reply: present(reply) } };
      });
    },
  });
}

export function changeCannedReplyRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/canned-replies/:id',
    operationId: 'changeCannedReply',
    summary: 'Change a canned reply; what is absent stays',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    body: z.strictObject(cannedReplyFields).partial(),
    refusals: ['not_found', 'conflict'],
    answers: { 200: { description: 'The reply.', schema: z.object({ canned_reply: shape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { department: departmentId, ...rest } = request.body;
      const reply = await deps.transactions.alone(async (tx) => {
        const changed = await changeReply(tx, key.instanceId, request.params.id, { ...rest, departmentId });
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'canned_reply.change' },
          ...{ subject: `canned_reply:${changed.id}`, details: { name: changed.name } },
        });
        return changed;
      });
      return { status: 200, body: { canned_reply: present(reply) } };
    },
  });
}

export function deleteCannedReplyRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/canned-replies/:id',
    operationId: 'deleteCannedReply',
    summary: 'Remove a canned reply',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'It is gone.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      const { id: replyId } = request.params;
      await deps.transactions.alone(async (tx) => {
        await deleteReply(tx, key.instanceId, replyId);
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'canned_reply.delete' },
          subject: `canned_reply:${replyId}`,
        });
      });
      return { status: 204 };
    },
  });
}

function present({ id, name, departmentId, text, translations }: CannedReply): z.infer<typeof shape> {
  return { id, name, department: departmentId, text, translations: { ...translations } };
}
