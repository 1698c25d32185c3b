import { z } from 'zod';
import type { VisitorView } from '../../domain/helpdesk-reads.js';
import { eraseVisitor } from '../../domain/visitors/erase-visitor.js';
import { revokeToken } from '../../domain/visitors/revoke-token.js';
import { takeOffline } from '../../domain/visitors/time-out.js';
import { mayBeShown, viewPage } from '../../domain/visitors/view-page.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { detailsOf } from '../visitor-api/inputs.js';
import type { AccountWatch } from './account-watch.js';
import type { HelpdeskApiDeps } from './deps.js';
import { deskKeyField, externalIdParam, idNumber, idParam, limit, visitorDetails, waitQuery } from './inputs.js';
import { actorOf, findOrMakeVisitor, keyOf } from './own.js';
import { accountShape, customShape, helpdeskChatShape, presentChat } from './present.js';

const VISITORS_AT_ONCE = 100;

export const visitorShape = z
  .object({
    id: z.int(),
    external_id: z.string().nullable().meta({ description: 'Null: a visitor of Foyer’s own pages.' }),
    verified: z.boolean().meta({ description: 'A member: the site says who it is.' }),
    online: z.boolean(),
    desk: z.string().nullable(),
    nick: z.string().nullable(),
    email: z.string().nullable(),
    language: z.string().nullable(),
    page: z.object({ url: z.string(), title: z.string().nullable() }).nullable(),
    referrer: z.string().nullable(),
    user_agent: z.string().nullable(),
    custom: customShape,
    created_at: time,
  })
  .meta({ id: 'Visitor' });

const answer = z
  .object({
    visitor: visitorShape,
    account: accountShape
      .nullable()
      .meta({ description: 'The contact on the operators’ lists; null before the first presence.' }),
    chat: helpdeskChatShape.nullable().meta({ description: 'The chat that is open.' }),
  })
  .meta({ id: 'VisitorAround', description: 'A visitor with its contact and its open chat.' });

export function putPresenceRoute(deps: HelpdeskApiDeps, accounts: AccountWatch): Route {
  return defineRoute({
    method: 'put',
    path: '/visitors/:external_id/presence',
    operationId: 'putVisitorPresence',
    summary:
      'The visitor is on the site now: a contact that is online until the hard timeout, and longer with each call',
    tag: 'visitors',
    frequent: true,
    auth: { kind: 'key', scope: 'visitors' },
    params: externalIdParam,
    query: waitQuery,
    body: z.strictObject({ desk: deskKeyField.optional(), ...visitorDetails }),
    bodyOptional: true,
    refusals: ['not_found', 'limit_reached'],
    answers: { 200: { description: 'The visitor, its contact and its open chat.', schema: answer } },
    handle: async (request) => {
      const { params, body, query } = request;
      const { instanceId } = keyOf(request);
      const visitor = await deps.transactions.alone(async (tx) => {
        const instance = await tx.instances.get(instanceId);
        const desk = body.desk === undefined ? undefined : await tx.instances.deskByKey(instanceId, body.desk);
        if (body.desk !== undefined && !desk) throw new FoyerError('not_found', 'There is no such desk.');
        const visitor = await findOrMakeVisitor(tx, instanceId, params.external_id, desk?.id ?? null);
        if (desk) visitor.deskId = desk.id;
        if (!(await mayBeShown(tx, instance, visitor)))
          throw new FoyerError('limit_reached', 'The instance has as many visitors online as it may have.');
        await viewPage(tx, instance, visitor, detailsOf(body, body.user_agent ?? ''), deps.hardTimeoutSeconds);
        return { ...visitor };
      });
      const shown = await readVisitor(deps, instanceId, { id: visitor.id });
      if (shown.account && visitor.accountId !== null && query.wait === 'true' && shown.account.state !== 'ready')
        shown.account.state = await accounts.wait(visitor.accountId);
      return { status: 200, body: shown };
    },
  });
}

export function deletePresenceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/visitors/:external_id/presence',
    operationId: 'deleteVisitorPresence',
    summary: 'The visitor has left: its contact goes offline now, as after the hard timeout',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    params: externalIdParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'The visitor is offline.', schema: null } },
    handle: async (request) => {
      const { instanceId } = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const visitor = await tx.visitors.byExternalId(instanceId, request.params.external_id);
        if (!visitor) throw noVisitor();
        if (visitor.online) await takeOffline(tx, visitor);
      });
      return { status: 204 };
    },
  });
}

export function getVisitorRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/visitors/:external_id',
    operationId: 'getVisitor',
    summary: 'A visitor, its contact and its open chat',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    params: externalIdParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'The visitor.', schema: answer } },
    handle: async (request) => ({
      status: 200,
      body: await readVisitor(deps, keyOf(request).instanceId, { externalId: request.params.external_id }),
    }),
  });
}

/** An external id may be a number too: the step `by-id` says which of the two is meant. */
export function getVisitorByIdRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/visitors/by-id/:id',
    operationId: 'getVisitorById',
    summary: 'A visitor by Foyer’s own id, which visitors of its pages have too',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'The visitor.', schema: answer } },
    handle: async (request) => ({
      status: 200,
      body: await readVisitor(deps, keyOf(request).instanceId, { id: request.params.id }),
    }),
  });
}

export function revokeTokenRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/visitors/by-id/:id/token',
    operationId: 'revokeVisitorToken',
    summary:
      'The visitor’s token holds no longer, at once: its pages are out, and may only begin again as somebody new',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'Nobody gets in with it any more.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone((tx) => revokeToken(tx, key.instanceId, request.params.id, actorOf(key)));
      return { status: 204 };
    },
  });
}

export function eraseVisitorRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/visitors/by-id/:id',
    operationId: 'eraseVisitor',
    summary: 'Forget a person: what it said and was told, who it was, its accounts and archives',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    params: idParam,
    refusals: ['not_found'],
    answers: {
      200: {
        description:
          'The record holds nothing of the person any more; ejabberd follows within seconds, or when it is back. That there were chats, and how they were rated, stays for the figures.',
        schema: z.object({ chats: z.array(z.int()).meta({ description: 'Ids of the chats whose words are gone.' }) }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const chats = await deps.transactions.alone((tx) =>
        eraseVisitor(tx, key.instanceId, request.params.id, actorOf(key)),
      );
      return { status: 200, body: { chats } };
    },
  });
}

export function listVisitorsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/visitors',
    operationId: 'listVisitors',
    summary: 'Visitors of pages and of the helpdesk, newest first',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    query: z.strictObject({
      online: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'Only those who are on the site now, or only those who aren’t.' }),
      before: idNumber.optional().meta({ description: 'Only visitors with a lower id: the next page.' }),
      limit: limit(VISITORS_AT_ONCE, 50),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ visitors: z.array(answer), more: z.boolean() }) },
    },
    handle: async (request) => {
      const { online, before, limit } = request.query;
      const found = await deps.helpdeskReads.visitors(keyOf(request).instanceId, {
        online: online && online === 'true',
        before,
        limit: limit + 1,
      });
      return { status: 200, body: { visitors: found.slice(0, limit).map(present), more: found.length > limit } };
    },
  });
}

async function readVisitor(
  deps: HelpdeskApiDeps,
  instanceId: number,
  which: { id: number } | { externalId: string },
): Promise<z.infer<typeof answer>> {
  const [view] = await deps.helpdeskReads.visitors(instanceId, { ...which, limit: 1 });
  if (!view) throw noVisitor();
  return present(view);
}

function present({ visitor, deskKey, account, chat }: VisitorView): z.infer<typeof answer> {
  return {
    visitor: {
      id: visitor.id,
      external_id: visitor.externalId,
      verified: visitor.member,
      online: visitor.online,
      desk: deskKey,
      nick: visitor.nick,
      email: visitor.email,
      language: visitor.language,
      page: visitor.pageUrl === null ? null : { url: visitor.pageUrl, title: visitor.pageTitle },
      referrer: visitor.referrer,
      user_agent: visitor.userAgent,
      custom: visitor.custom,
      created_at: visitor.createdAt.toISOString(),
    },
    account: account && { ...account },
    chat: chat && presentChat(chat),
  };
}

function noVisitor(): FoyerError {
  return new FoyerError('not_found', 'There is no such visitor.');
}
