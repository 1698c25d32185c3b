import { z } from 'zod';
import { MAX_POOL_SIZE, type AccountPool } from '../../domain/accounts/account-pool.js';
import type { Desk } from '../../domain/instances/instance.js';
import { changeDesk, createDesk, lockDesk } from '../../domain/instances/desks.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import { defineRoute, type Route } from '../http/route.js';
import { deskKey, line } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idParam, mailAddress, name, origin } from './inputs.js';
import { actorOf, keyOf } from './own.js';

const texts = z
  .strictObject({ greeting: line(1000).optional(), placeholder: line(200).optional(), closed: line(1000).optional() })
  .meta({ description: 'What the widget says.' });

/** Also what the command line takes. */
export const poolShape = z
  .strictObject({
    size: z.int().min(1).max(MAX_POOL_SIZE),
    when_used_up: z.enum(['queue', 'refuse']).meta({
      description: 'A visitor who finds no account free waits for one, or is refused with `no_account_free`.',
    }),
    session_delay_seconds: z.int().min(0).max(86_400).meta({
      description:
        'How long an account stays its visitor’s when the chat is over. What an operator still writes meanwhile reaches nobody else.',
    }),
  })
  .meta({
    description:
      'So many XMPP accounts stand for the visitors who chat, one after the other. Who only looks at pages is on no contact list.',
  });
export const REDIRECT_TO = ['off', 'same_site', 'any'] as const;
export const REDIRECT_HOW = ['ask', 'go'] as const;

const deskShape = z
  .object({
    id: z.int(),
    key: z.string(),
    name: z.string(),
    state: z.enum(['active', 'inactive']),
    department: z.int(),
    allowed_origins: z.array(z.string()),
    ask_rating: z.boolean(),
    account_pool: poolShape.nullable().meta({ description: 'Null: each visitor has an account of its own.' }),
    redirect_to: z.enum(REDIRECT_TO),
    redirect_how: z.enum(REDIRECT_HOW),
    follow_up: z.string().nullable(),
    mail_to: z.string().nullable(),
    texts: z.object({
      greeting: z.string().optional(),
      placeholder: z.string().optional(),
      closed: z.string().optional(),
    }),
  })
  .meta({ id: 'HelpdeskDesk' });

const fields = {
  key: deskKey.meta({ description: 'What pages and calls name the desk by.' }),
  name: name(200),
  state: z.enum(['active', 'inactive']).meta({ description: 'An inactive desk takes no new chats.' }),
  department: id.meta({ description: 'Id of the department that answers.' }),
  allowed_origins: z
    .array(origin)
    .max(50)
    .meta({ description: 'Origins whose pages may open chats; `*` lets all in.' }),
  ask_rating: z.boolean().meta({ description: 'Pages ask for a rating when a chat is over.' }),
  account_pool: poolShape.nullable(),
  redirect_to: z.enum(REDIRECT_TO).meta({
    description:
      'Where operators may send a visitor’s page: nowhere, to the allowed origins and the site where the visitor is, or anywhere.',
  }),
  redirect_how: z.enum(REDIRECT_HOW).meta({ description: 'The page offers it, or goes there by itself.' }),
  follow_up: line(1000)
    .nullable()
    .meta({
      description:
        'Where visitors can go on when a chat is over or nobody is there, such as `https://forum.example/new?title={topic}&chat={chat}&mail={email}`. ' +
        'Placeholders: `chat`, `desk`, `name`, `email`, `language`, `page`, `title`, `referrer`, and what the site says of the visitor (`custom`).',
    }),
  mail_to: mailAddress
    .nullable()
    .meta({ description: 'Gets every closed chat and every message that was left by mail.' }),
};

export function listDesksRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/desks',
    operationId: 'listDesks',
    summary: 'All desks',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    answers: { 200: { description: 'The desks.', schema: z.object({ desks: z.array(deskShape) }) } },
    handle: async (request) => ({
      status: 200,
      body: { desks: (await deps.helpdeskReads.desks(keyOf(request).instanceId)).map(presentDesk) },
    }),
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
    body: z.strictObject({
      ...fields,
      state: fields.state.default('active'),
      allowed_origins: fields.allowed_origins.default([]),
      ask_rating: fields.ask_rating.default(false),
      account_pool: fields.account_pool.default(null),
      redirect_to: fields.redirect_to.default('same_site'),
      redirect_how: fields.redirect_how.default('ask'),
      follow_up: fields.follow_up.default(null),
      mail_to: fields.mail_to.default(null),
      texts: texts.default({}),
    }),
    refusals: ['not_found', 'conflict', 'mail_disabled'],
    answers: { 201: { description: 'The desk.', schema: z.object({ desk: deskShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { department, allowed_origins: allowedOrigins, ask_rating: askRating, ...others } = request.body;
      const { redirect_to: redirectTo, redirect_how: redirectHow, account_pool: pool, texts, ...further } = others;
      const { follow_up: followUp, mail_to: mailTo, ...rest } = further;
      return once(deps.transactions, request, async (tx) => {
        const desk = await createDesk(tx, {
          ...rest,
          instanceId: key.instanceId,
          departmentId: department,
          allowedOrigins,
          ...{ askRating, followUp, mailTo },
          pool: pool && poolOf(pool),
          redirectTo,
          redirectHow,
          texts: defined(texts),
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
    body: z.strictObject({ ...fields, texts }).partial(),
    refusals: ['not_found', 'conflict', 'mail_disabled'],
    answers: {
      200: { description: 'The desk. Pages see the change within seconds.', schema: z.object({ desk: deskShape }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const {
        key: deskName,
        name,
        state,
        department,
        allowed_origins: allowedOrigins,
        ask_rating: askRating,
        account_pool: pool,
        redirect_to: redirectTo,
        redirect_how: redirectHow,
        follow_up: followUp,
        mail_to: mailTo,
        texts,
      } = request.body;
      const desk = await deps.transactions.alone(async (tx) => {
        const before = await lockDesk(tx, key.instanceId, request.params.id);
        const change = {
          key: deskName,
          name,
          state,
          departmentId: department,
          allowedOrigins,
          ...{ askRating, followUp, mailTo },
          pool: pool && poolOf(pool),
          redirectTo,
          redirectHow,
          texts: texts && defined(texts),
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

function presentDesk(desk: Desk): z.infer<typeof deskShape> {
  return {
    id: desk.id,
    key: desk.key,
    name: desk.name,
    state: desk.state,
    department: desk.departmentId,
    allowed_origins: [...desk.allowedOrigins],
    ask_rating: desk.askRating,
    account_pool: desk.pool && {
      size: desk.pool.size,
      when_used_up: desk.pool.whenUsedUp,
      session_delay_seconds: desk.pool.sessionDelaySeconds,
    },
    redirect_to: desk.redirectTo,
    redirect_how: desk.redirectHow,
    follow_up: desk.followUp,
    mail_to: desk.mailTo,
    texts: desk.texts,
  };
}

/** By the domain's names. */
export function poolOf(given: z.output<typeof poolShape>): AccountPool {
  return { size: given.size, whenUsedUp: given.when_used_up, sessionDelaySeconds: given.session_delay_seconds };
}

/** Texts without those that weren't given. */
function defined(given: z.output<typeof texts>): Desk['texts'] {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
