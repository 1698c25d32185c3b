import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber, limit } from './inputs.js';
import { keyOf } from './own.js';
import { visitorRefShape } from './present.js';

const MESSAGES_AT_ONCE = 100;

export const offlineMessageFields = {
  id: z.int(),
  name: z.string(),
  email: z.string(),
  text: z.string(),
  page_url: z.string().nullable(),
  language: z.string().nullable(),
  desk: z.string().nullable(),
  department: z.object({ id: z.int(), name: z.string() }).nullable().meta({ description: 'Who would have answered.' }),
  created_at: time,
};

const shape = z.object({ ...offlineMessageFields, visitor: visitorRefShape }).meta({ id: 'OfflineMessage' });

export function listOfflineMessagesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/offline-messages',
    operationId: 'listOfflineMessages',
    summary: 'What visitors left at desks that were closed, newest first',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    query: z.strictObject({
      department: idNumber.optional().meta({ description: 'Only of this department, by its id.' }),
      before: idNumber.optional().meta({ description: 'Only messages with a lower id: the next page.' }),
      limit: limit(MESSAGES_AT_ONCE, 50),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ offline_messages: z.array(shape), more: z.boolean() }) },
    },
    handle: async (request) => {
      const { department, before, limit } = request.query;
      const found = await deps.helpdeskReads.offlineMessages(keyOf(request).instanceId, {
        ...{ departmentId: department, before, limit: limit + 1 },
      });
      const shown = found.slice(0, limit).map(({ message, visitor, deskKey, departmentName }) => ({
        ...{ id: message.id, name: message.name, email: message.email, text: message.text },
        ...{ page_url: message.pageUrl, language: message.language, desk: deskKey },
        department: departmentName === null ? null : { id: message.departmentId, name: departmentName },
        created_at: message.createdAt.toISOString(),
        visitor: { id: message.visitorId, external_id: visitor.externalId, nick: visitor.nick },
      }));
      return { status: 200, body: { offline_messages: shown, more: found.length > limit } };
    },
  });
}
