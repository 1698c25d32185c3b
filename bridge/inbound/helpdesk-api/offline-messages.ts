import { z } from 'zod';
import type { OfflineMessageView } from '../../domain/helpdesk-reads.js';
import { settleOfflineMessage } from '../../domain/offline/settle.js';
import { csvLine } from '../../domain/transcripts/text-form.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber, idParam, limit } from './inputs.js';
import { actorOf, keyOf } from './own.js';
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

const shape = z
  .object({
    ...{ ...offlineMessageFields, visitor: visitorRefShape },
    done_at: time.nullable().meta({ description: 'When somebody said that it is answered.' }),
  })
  .meta({ id: 'OfflineMessage' });

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
      done: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional()
        .meta({ description: 'Only those that are done, or aren’t.' }),
      format: z.enum(['json', 'csv']).default('json').meta({ description: '`csv`: the page as a table.' }),
      before: idNumber.optional().meta({ description: 'Only messages with a lower id: the next page.' }),
      limit: limit(MESSAGES_AT_ONCE, 50),
    }),
    answers: {
      200: {
        description: 'One page.',
        schema: z.object({ offline_messages: z.array(shape), more: z.boolean() }),
        otherTypes: ['text/csv'],
      },
    },
    handle: async (request) => {
      const { department, done, format, before, limit } = request.query;
      const found = await deps.helpdeskReads.offlineMessages(keyOf(request).instanceId, {
        ...{ departmentId: department, done, before, limit: limit + 1 },
      });
      const shown = found.slice(0, limit);
      if (format === 'json')
        return {
          status: 200,
          body: { offline_messages: shown.map(presentOfflineMessage), more: found.length > limit },
        };
      return {
        status: 200,
        headers: {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': 'attachment; filename="offline-messages.csv"',
        },
        body: [csvLine(CSV_HEAD), ...shown.map((view) => csvLine(offlineCells(view)))].join(''),
      };
    },
  });
}

export function settleOfflineMessageRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/offline-messages/:id/done',
    operationId: 'settleOfflineMessage',
    summary: 'Say whether somebody has answered what a visitor left',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ done: z.boolean() }),
    refusals: ['not_found'],
    answers: {
      200: { description: 'As it is now.', schema: z.object({ done_at: time.nullable() }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { doneAt } = await deps.transactions.alone((tx) =>
        settleOfflineMessage(tx, key.instanceId, request.params.id, { done: request.body.done, actor: actorOf(key) }),
      );
      return { status: 200, body: { done_at: doneAt?.toISOString() ?? null } };
    },
  });
}

export function presentOfflineMessage(view: OfflineMessageView): z.infer<typeof shape> {
  const { message, visitor, deskKey, departmentName } = view;
  return {
    ...{ id: message.id, name: message.name, email: message.email, text: message.text },
    ...{ page_url: message.pageUrl, language: message.language, desk: deskKey },
    department: departmentName === null ? null : { id: message.departmentId, name: departmentName },
    created_at: message.createdAt.toISOString(),
    visitor: { id: message.visitorId, external_id: visitor.externalId, nick: visitor.nick },
    done_at: message.doneAt?.toISOString() ?? null,
  };
}

export const CSV_HEAD = ['id', 'left', 'desk', 'department', 'name', 'email', 'page', 'language', 'done', 'text'];

/** A line of the table under `CSV_HEAD`. */
export function offlineCells({ message, deskKey, departmentName }: OfflineMessageView): string[] {
  const { id, createdAt, name, email, pageUrl, language, doneAt, text } = message;
  return [
    ...[String(id), createdAt.toISOString(), deskKey ?? '', departmentName ?? '', name, email],
    ...[pageUrl ?? '', language ?? '', doneAt?.toISOString() ?? '', text],
  ];
}
