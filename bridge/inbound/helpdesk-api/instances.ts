import { z } from 'zod';
import { configureInstance, lockInstance } from '../../domain/instances/change-instance.js';
import { newApiKey } from '../../domain/instances/create-api-key.js';
import type { InstanceView } from '../../domain/instances/hosting.js';
import type { Countable, InstanceChange } from '../../domain/instances/instance.js';
import { callbackAddress, setUpInstance } from '../../domain/instances/set-up-instance.js';
import { setCallback } from '../../domain/instances/set-callback.js';
import { LANGUAGES } from '../../domain/texts/say.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { checkUrl } from './callback.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { limit, name } from './inputs.js';
import { actorOf, keyOf } from './own.js';

const SECRET_BYTES = 32;
const INSTANCES_AT_ONCE = 100;

const most = z.int().min(0).max(1_000_000).nullable();
const limitFields = {
  operators: most.meta({ description: 'Operators who aren’t disabled.' }),
  visitors_online: most.meta({ description: 'Visitors on the contact list; more aren’t shown, but may begin chats.' }),
  open_chats: most.meta({ description: 'Chats open at a time; pages then find the desk closed.' }),
  chats_per_day: most.meta({ description: 'Chats begun within 24 hours; the same.' }),
  messages_per_minute: most.meta({ description: 'Messages of visitors: more are refused with `rate_limited`.' }),
  requests_per_minute: most.meta({ description: 'Calls with its API keys: the same.' }),
};
const used = z.int();

const instanceShape = z
  .object({
    name: z.string(),
    title: z.string(),
    host: z.string().meta({ description: 'ejabberd’s virtual host of its accounts.' }),
    state: z.enum(['active', 'suspended', 'destroying', 'destroyed']),
    state_since: z.iso.datetime().nullable(),
    settled: z.boolean().meta({ description: 'All that the state asks for is done.' }),
    language: z.string(),
    callback_url: z.string().nullable().meta({ description: 'The values of its query are hidden.' }),
    limits: z.object(limitFields).meta({ description: 'Null: as many as come.' }),
    usage: z.object({ operators: used, visitors_online: used, open_chats: used, chats_per_day: used }),
    retention_days: z.int().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Instance' });

export const instanceName = z.object({
  name: z.string().max(32).meta({ description: 'Part of its accounts’ names: a-z, 0-9, hyphens; not `chat`.' }),
});
export const instanceAnswer = z.object({ instance: instanceShape });

const fields = {
  title: name(200).meta({ description: 'What people call it.' }),
  language: z.enum(LANGUAGES).meta({ description: 'Of what Foyer says to its new operators.' }),
  limits: z.strictObject(limitFields).partial(),
  retention_days: z
    .int()
    .min(1)
    .max(36_500)
    .nullable()
    .meta({ description: 'Visitors are forgotten after so many days; null: as the bridge’s settings say.' }),
  callback_url: z.string().max(1000).meta({
    description: 'https; `{instance}` in it stands for the name. Where it is absent, helpdesk.callback_pattern counts.',
  }),
};

export function listInstancesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/instances',
    operationId: 'listInstances',
    summary: 'The instances by name, and what they use',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    query: z.strictObject({
      after: z.string().max(32).optional().meta({ description: 'Only those behind this name: the next page.' }),
      limit: limit(INSTANCES_AT_ONCE, 50),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ instances: z.array(instanceShape), more: z.boolean() }) },
    },
    handle: async ({ query }) => {
      const found = await deps.hosting.list(query.after, query.limit + 1);
      const instances = found.slice(0, query.limit).map(presentInstance);
      return { status: 200, body: { instances, more: found.length > query.limit } };
    },
  });
}

export function createInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/instances',
    operationId: 'createInstance',
    summary: 'Make an instance, with a key for its helpdesk',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    idempotencyKey: true,
    body: z.strictObject({
      name: instanceName.shape.name,
      host: z
        .string()
        .max(255)
        .optional()
        .meta({ description: 'One that the bridge serves; ejabberd.host if absent.' }),
      ...{ title: fields.title.optional(), language: fields.language.optional(), limits: fields.limits.optional() },
      ...{ retention_days: fields.retention_days.optional(), callback_url: fields.callback_url.optional() },
    }),
    refusals: ['conflict'],
    answers: {
      201: {
        description: 'The instance. Key and secret aren’t shown again.',
        schema: instanceAnswer.extend({
          api_key: z.string().meta({ description: 'Has all scopes of this instance.' }),
          callback_secret: z
            .string()
            .nullable()
            .meta({ description: 'Signs its callbacks; null where there is no address.' }),
        }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { name, host = deps.hosts[0], title = name, callback_url: given, ...rest } = request.body;
      const url = callbackAddress(name, given, deps.callbackPattern);
      if (url !== null) checkUrl(url, deps.allowPrivateCallbacks);
      const callback = url === null ? null : { url, secret: freshSecret(deps) };
      const apiKey = newApiKey(deps.ids);
      return once(deps.transactions, request, async (tx) => {
        const instance = await setUpInstance(tx, {
          wanted: { name, host, ...changeOf(rest), displayName: title },
          ...{ hosts: deps.hosts, actor: actorOf(key), apiKey, hashKey: deps.hashSecret, callback },
        });
        const view: InstanceView = {
          ...{ instance, displayName: title, createdAt: tx.now, stateSince: null, settled: true },
          retentionDays: rest.retention_days ?? null,
          usage: { operators: 0, visitorsOnline: 0, openChats: 0, chatsPerDay: 0 },
        };
        const secret = callback?.secret ?? null;
        return { status: 201, body: { instance: presentInstance(view), api_key: apiKey, callback_secret: secret } };
      });
    },
  });
}

export function getInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/instances/:name',
    operationId: 'getInstance',
    summary: 'An instance and what it uses; also one that is destroyed',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    params: instanceName,
    refusals: ['not_found'],
    answers: { 200: { description: 'The instance.', schema: instanceAnswer } },
    handle: async ({ params }) => ({ status: 200, body: { instance: await readInstance(deps, params.name) } }),
  });
}

export function changeInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/instances/:name',
    operationId: 'changeInstance',
    summary: 'Change an instance; what is absent stays',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    params: instanceName,
    body: z.strictObject(fields).partial(),
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'The instance. A limit that is exceeded already holds for what comes next.',
        schema: instanceAnswer.extend({
          callback_secret: z.string().optional().meta({ description: 'Only when one was made up with the address.' }),
        }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { name } = request.params;
      const { callback_url: given, ...rest } = request.body;
      const url = callbackAddress(name, given, undefined);
      if (url !== null) checkUrl(url, deps.allowPrivateCallbacks);
      const fresh = freshSecret(deps);
      const madeUp = await deps.transactions.alone(async (tx) => {
        await configureInstance(tx, actorOf(key), name, changeOf(rest));
        if (url === null) return false;
        const { id } = await lockInstance(tx, name);
        return (await setCallback(tx, id, { url, secret: undefined, rotate: false, fresh })).madeUp;
      });
      const instance = await readInstance(deps, name);
      return { status: 200, body: { instance, ...(madeUp ? { callback_secret: fresh } : {}) } };
    },
  });
}

/** @throws FoyerError `not_found` */
export async function readInstance(
  { hosting }: Pick<HelpdeskApiDeps, 'hosting'>,
  name: string,
): Promise<z.infer<typeof instanceShape>> {
  const view = await hosting.view(name);
  if (!view) throw new FoyerError('not_found', `There is no instance “${name}”.`);
  return presentInstance(view);
}

function freshSecret({ ids }: Pick<HelpdeskApiDeps, 'ids'>): string {
  return `whsec_${Buffer.from(ids.secret(SECRET_BYTES), 'base64url').toString('base64')}`;
}

type Given = { [K in 'title' | 'language' | 'limits' | 'retention_days']?: z.output<(typeof fields)[K]> | undefined };

function changeOf({ title, language, limits = {}, retention_days: retentionDays }: Given): InstanceChange {
  const { operators, visitors_online: visitorsOnline, open_chats: openChats, chats_per_day: chatsPerDay } = limits;
  const { messages_per_minute: messagesPerMinute, requests_per_minute: requestsPerMinute } = limits;
  return {
    ...{ displayName: title, language, retentionDays },
    limits: { operators, visitorsOnline, openChats, chatsPerDay, messagesPerMinute, requestsPerMinute },
  };
}

function presentUsage<T>({ operators, visitorsOnline, openChats, chatsPerDay }: Record<Countable, T>) {
  return { operators, visitors_online: visitorsOnline, open_chats: openChats, chats_per_day: chatsPerDay };
}

function presentInstance(view: InstanceView): z.infer<typeof instanceShape> {
  const { instance, displayName, createdAt, stateSince, settled, retentionDays, usage } = view;
  const { name, host, state, language, callbackUrl, limits } = instance;
  return {
    ...{ name, title: displayName, host, state, state_since: stateSince?.toISOString() ?? null, settled, language },
    callback_url: callbackUrl,
    limits: {
      ...presentUsage(limits),
      messages_per_minute: limits.messagesPerMinute,
      requests_per_minute: limits.requestsPerMinute,
    },
    usage: presentUsage(usage),
    retention_days: retentionDays,
    created_at: createdAt.toISOString(),
  };
}
