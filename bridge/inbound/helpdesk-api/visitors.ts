import { z } from 'zod';
import { isOpen } from '../../domain/chats/chat.js';
import type { Account } from '../../domain/accounts/account.js';
import { takeOffline } from '../../domain/visitors/time-out.js';
import { viewPage } from '../../domain/visitors/view-page.js';
import type { Visitor } from '../../domain/visitors/visitor.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { detailsOf } from '../visitor-api/inputs.js';
import type { AccountWatch } from './account-watch.js';
import type { HelpdeskApiDeps } from './deps.js';
import { deskKeyField, externalIdParam, visitorDetails, waitQuery } from './inputs.js';
import { findOrMakeVisitor, keyOf } from './own.js';
import { accountShape, helpdeskChatShape, presentAccount, presentChat } from './present.js';

export const visitorShape = z
  .object({
    id: z.int(),
    external_id: z.string().nullable(),
    online: z.boolean(),
    nick: z.string().nullable(),
    email: z.string().nullable(),
    language: z.string().nullable(),
    page: z.object({ url: z.string(), title: z.string().nullable() }).nullable(),
    referrer: z.string().nullable(),
    created_at: time,
  })
  .meta({ id: 'Visitor' });

const answer = z.object({
  visitor: visitorShape,
  account: accountShape
    .nullable()
    .meta({ description: 'The contact on the operators’ lists; null before the first presence.' }),
  chat: helpdeskChatShape.nullable().meta({ description: 'The chat that is open.' }),
});

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
    refusals: ['not_found'],
    answers: { 200: { description: 'The visitor, its contact and its open chat.', schema: answer } },
    handle: async (request) => {
      const { params, body, query } = request;
      const { instanceId } = keyOf(request);
      const { visitor, account } = await deps.transactions.alone(async (tx) => {
        const instance = await tx.instances.get(instanceId);
        const desk = body.desk === undefined ? undefined : await tx.instances.deskByKey(instanceId, body.desk);
        if (body.desk !== undefined && !desk) throw new FoyerError('not_found', 'There is no such desk.');
        const visitor = await findOrMakeVisitor(tx, instanceId, params.external_id, desk?.id ?? null);
        if (desk) visitor.deskId = desk.id;
        await viewPage(tx, instance, visitor, detailsOf(body, body.user_agent ?? ''), deps.hardTimeoutSeconds);
        const account = visitor.accountId === null ? undefined : await tx.accounts.get(visitor.accountId);
        return { visitor: { ...visitor }, account };
      });
      const shown = account && presentAccount(account);
      if (account && shown && query.wait === 'true' && shown.state !== 'ready')
        shown.state = await accounts.wait(account.id);
      return {
        status: 200,
        body: { visitor: presentVisitor(visitor), account: shown ?? null, chat: await openChat(deps, visitor) },
      };
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
    handle: async (request) => {
      const { instanceId } = keyOf(request);
      const visitor = await deps.reads.visitorByExternalId(instanceId, request.params.external_id);
      if (!visitor) throw noVisitor();
      const account = visitor.accountId === null ? undefined : await deps.reads.accountJid(visitor.accountId);
      const shown = account ? { jid: account.jid, state: account.state as Account['state'] } : null;
      return {
        status: 200,
        body: { visitor: presentVisitor(visitor), account: shown, chat: await openChat(deps, visitor) },
      };
    },
  });
}

async function openChat(deps: HelpdeskApiDeps, { instanceId, openChatId }: Visitor) {
  const view = openChatId === null ? undefined : await deps.helpdeskReads.chat(instanceId, openChatId);
  return view && isOpen(view.chat) ? presentChat(view) : null;
}

function presentVisitor(visitor: Visitor): z.infer<typeof visitorShape> {
  return {
    id: visitor.id,
    external_id: visitor.externalId,
    online: visitor.online,
    nick: visitor.nick,
    email: visitor.email,
    language: visitor.language,
    page: visitor.pageUrl === null ? null : { url: visitor.pageUrl, title: visitor.pageTitle },
    referrer: visitor.referrer,
    created_at: visitor.createdAt.toISOString(),
  };
}

function noVisitor(): FoyerError {
  return new FoyerError('not_found', 'There is no such visitor.');
}
