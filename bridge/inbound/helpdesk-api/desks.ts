import { z } from 'zod';
import { PLAIN_WIDGET } from '../../domain/desks/widget-settings.js';
import { changeDesk, createDesk, lockDesk } from '../../domain/instances/desks.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { definedTexts, deskChange, poolOf, toWidgetSettings } from './desk-shape.js';
import { idParam } from './inputs.js';
import { actorOf, checkReach, departmentsOf, keyOf } from './own.js';
import { deskShape, presentDesk } from './present-desk.js';

/** Questions and greetings in all languages are longer than most bodies. */
const DESK_BYTES = 500_000;

export function listDesksRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/desks',
    operationId: 'listDesks',
    summary: 'All desks',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    answers: { 200: { description: 'The desks.', schema: z.object({ desks: z.array(deskShape) }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const seen = departmentsOf(key);
      const all = await deps.helpdeskReads.desks(key.instanceId);
      const desks = all.filter(({ departmentId }) => seen?.includes(departmentId) !== false);
      return { status: 200, body: { desks: desks.map(presentDesk) } };
    },
  });
}

export function createDeskRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/desks',
    operationId: 'createDesk',
    summary: 'Make a desk: a website or page group where chats enter',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    idempotencyKey: true,
    body: deskChange.required({ key: true, name: true, department: true }),
    bodyLimit: DESK_BYTES,
    refusals: ['not_found', 'conflict', 'mail_disabled'],
    answers: { 201: { description: 'The desk.', schema: z.object({ desk: deskShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { body } = request;
      return once(deps.transactions, request, async (tx) => {
        const desk = await createDesk(tx, {
          ...{ instanceId: key.instanceId, key: body.key, name: body.name, state: body.state ?? 'active' },
          departmentId: body.department,
          allowedOrigins: body.allowed_origins ?? [],
          askRating: body.ask_rating ?? false,
          preview: body.preview ?? false,
          who: body.who ?? 'everybody',
          memberGroups: body.member_groups ?? [],
          keepGuestChat: body.keep_guest_chat ?? true,
          pool: body.account_pool ? poolOf(body.account_pool) : null,
          redirectTo: body.redirect_to ?? 'same_site',
          redirectHow: body.redirect_how ?? 'ask',
          followUp: body.follow_up ?? null,
          mailTo: body.mail_to ?? null,
          texts: definedTexts(body.texts ?? {}),
          widget: toWidgetSettings(PLAIN_WIDGET, body),
        });
        audit(tx, key, 'desk.create', `desk:${desk.id}`, request.body);
        return { status: 201, body: { desk: presentDesk(desk) } };
      });
    },
  });
}

export function changeDeskRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/desks/:id',
    operationId: 'changeDesk',
    summary: 'Change a desk; what is absent stays',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    params: idParam,
    body: deskChange,
    bodyLimit: DESK_BYTES,
    refusals: ['not_found', 'conflict', 'mail_disabled'],
    answers: {
      200: { description: 'The desk. Pages see the change within seconds.', schema: z.object({ desk: deskShape }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { body } = request;
      const desk = await deps.transactions.alone(async (tx) => {
        const before = await lockDesk(tx, key.instanceId, request.params.id);
        checkReach(key, before.departmentId, 'manage', 'desk');
        const change = {
          ...{ key: body.key, name: body.name, state: body.state, departmentId: body.department },
          ...{ allowedOrigins: body.allowed_origins, askRating: body.ask_rating, preview: body.preview, who: body.who },
          ...{ memberGroups: body.member_groups, keepGuestChat: body.keep_guest_chat },
          pool: body.account_pool && poolOf(body.account_pool),
          ...{ redirectTo: body.redirect_to, redirectHow: body.redirect_how },
          ...{ followUp: body.follow_up, mailTo: body.mail_to },
          texts: body.texts && definedTexts(body.texts),
          widget: toWidgetSettings(before.widget, body),
        };
        const after = await changeDesk(tx, before, change);
        audit(tx, key, 'desk.change', `desk:${after.id}`, request.body);
        return after;
      });
      return { status: 200, body: { desk: presentDesk(desk) } };
    },
  });
}

function audit(tx: Tx, key: KeyCredential, action: string, subject: string, details: Record<string, unknown>): void {
  tx.audit.add({ instanceId: key.instanceId, actor: actorOf(key), action, subject, details });
}
