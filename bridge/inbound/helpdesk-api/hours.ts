import { z } from 'zod';
import { isOpen, nextChange, type Hours } from '../../domain/hours/hours.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { hoursInput, hoursShape, presentHours, toHours } from './hours-shape.js';
import { idParam } from './inputs.js';
import { actorOf, keyOf } from './own.js';

const answer = z.object({
  hours: hoursShape.nullable().meta({ description: 'Null: always open.' }),
  open: z.boolean().meta({ description: 'Now.' }),
  next_change: time.nullable().meta({ description: 'When that becomes otherwise; null: not within a year.' }),
});

const common = { path: '/departments/:id/hours', tag: 'desks', params: idParam, refusals: ['not_found'] } as const;

export function getHoursRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    ...common,
    method: 'get',
    operationId: 'getDepartmentHours',
    summary: 'When a department takes chats',
    auth: { kind: 'key', scope: 'desks' },
    answers: { 200: { description: 'The hours, and how it stands now.', schema: answer } },
    handle: async (request) =>
      deps.transactions.alone(async (tx) => {
        const department = await departmentOf(tx, keyOf(request), request.params.id);
        return { status: 200, body: present(await tx.hours.ofDepartment(department), tx.now) };
      }),
  });
}

export function putHoursRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    ...common,
    method: 'put',
    operationId: 'setDepartmentHours',
    summary: 'Set when a department takes chats, in place of what was set before',
    auth: { kind: 'key', scope: 'desks' },
    body: hoursInput,
    answers: { 200: { description: 'The hours. Pages hear of them with their next view.', schema: answer } },
    handle: async (request) =>
      deps.transactions.alone(async (tx) => {
        const key = keyOf(request);
        const department = await departmentOf(tx, key, request.params.id);
        const hours = toHours(request.body);
        await tx.hours.set(key.instanceId, department, hours);
        audit(tx, key, 'department.hours', department);
        return { status: 200, body: present(hours, tx.now) };
      }),
  });
}

export function deleteHoursRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    ...common,
    method: 'delete',
    operationId: 'removeDepartmentHours',
    summary: 'Let a department take chats at any time',
    auth: { kind: 'key', scope: 'desks' },
    answers: { 204: { description: 'It has no hours, and so is always open.', schema: null } },
    handle: async (request) =>
      deps.transactions.alone(async (tx) => {
        const key = keyOf(request);
        const department = await departmentOf(tx, key, request.params.id);
        await tx.hours.set(key.instanceId, department, null);
        audit(tx, key, 'department.hours_removed', department);
        return { status: 204 };
      }),
  });
}

function present(hours: Hours | undefined, now: Date): z.infer<typeof answer> {
  if (!hours) return { hours: null, open: true, next_change: null };
  const change = nextChange(hours, now);
  return { hours: presentHours(hours), open: isOpen(hours, now), next_change: change?.toISOString() ?? null };
}

async function departmentOf(tx: Tx, { instanceId }: KeyCredential, id: number): Promise<number> {
  if (!(await tx.desks.department(instanceId, id))) throw new FoyerError('not_found', 'There is no such department.');
  return id;
}

function audit(tx: Tx, key: KeyCredential, action: string, department: number): void {
  tx.audit.add({ instanceId: key.instanceId, actor: actorOf(key), action, subject: `department:${department}` });
}
