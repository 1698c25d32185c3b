import { z } from 'zod';
import { destroyInstance, resumeInstance, suspendInstance } from '../../domain/instances/change-instance.js';
import type { OperatorsOf } from '../../domain/instances/change-instance.js';
import type { Reads } from '../../domain/reads.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { instanceAnswer, instanceName, readInstance } from './instances.js';
import { actorOf, keyOf } from './own.js';

const nothing = { body: z.strictObject({}), bodyOptional: true } as const;

export function suspendInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/instances/:name/suspend',
    operationId: 'suspendInstance',
    summary: 'Let nobody of an instance in; everything of it is kept',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    params: instanceName,
    ...nothing,
    refusals: ['not_found', 'conflict'],
    answers: {
      200: {
        description:
          'Suspended. Its keys and pages are refused with `instance_suspended`; within seconds its open chats are closed, its visitors offline, its operators told and shut out: `settled` is true then.',
        schema: instanceAnswer,
      },
    },
    handle: async (request) => {
      const { name } = request.params;
      const actor = actorOf(keyOf(request));
      await deps.transactions.alone((tx) =>
        suspendInstance(tx, { actor, name, operatorsOf: operatorsOnline(deps.reads) }),
      );
      return { status: 200, body: { instance: await readInstance(deps, name) } };
    },
  });
}

export function resumeInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/instances/:name/resume',
    operationId: 'resumeInstance',
    summary: 'Let a suspended instance in again',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    params: instanceName,
    ...nothing,
    refusals: ['not_found', 'conflict'],
    answers: { 200: { description: 'Active; operators log in with the password they had.', schema: instanceAnswer } },
    handle: async (request) => {
      const { name } = request.params;
      const actor = actorOf(keyOf(request));
      await deps.transactions.alone((tx) => resumeInstance(tx, { actor, name, hosting: deps.hosting }));
      return { status: 200, body: { instance: await readInstance(deps, name) } };
    },
  });
}

export function destroyInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/instances/:name/destroy',
    operationId: 'destroyInstance',
    summary: 'Remove a suspended instance for good: accounts, contact lists, archives, and all that is recorded',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    params: instanceName,
    body: z.strictObject({ name: z.string().max(32).meta({ description: 'The instance’s name once more.' }) }),
    refusals: ['not_found', 'conflict'],
    answers: {
      202: {
        description: 'It goes on in the background until the state is `destroyed`. The name isn’t given again.',
        schema: instanceAnswer,
      },
    },
    handle: async (request) => {
      const { name } = request.params;
      const actor = actorOf(keyOf(request));
      await deps.transactions.alone((tx) => destroyInstance(tx, actor, name, request.body.name));
      return { status: 202, body: { instance: await readInstance(deps, name) } };
    },
  });
}

/** Who can be told something now. */
export function operatorsOnline(reads: Pick<Reads, 'operators'>): OperatorsOf {
  return async (instanceId) =>
    (await reads.operators(instanceId))
      .filter(({ operator, presence }) => !operator.disabled && (presence?.show ?? 'offline') !== 'offline')
      .map(({ operator }) => operator);
}
