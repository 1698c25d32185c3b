import { z } from 'zod';
import { changeOperator, lockOperator, setOperatorPassword } from '../../domain/operators/change-operator.js';
import type { Place } from '../../domain/operators/departments-of.js';
import { createOperator } from '../../domain/operators/create-operator.js';
import { ACCESSES, type Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import { LANGUAGES } from '../../domain/texts/say.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { languageTag } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idParam, name, skillList } from './inputs.js';
import { actorOf, keyOf } from './own.js';
import { ACCESS, operatorShape, presentOperator } from './present-operator.js';

/** Random bytes of a password that Foyer makes up. */
const PASSWORD_BYTES = 16;

const secret = z.string().optional().meta({ description: 'Only when Foyer made it up: it is not shown again.' });
const givenPassword = z
  .string()
  .regex(/^[\x21-\x7e]{10,128}$/, 'must be 10 to 128 visible ASCII characters')
  .optional()
  .meta({ description: 'Made up when absent.' });
const place = z.strictObject({
  id,
  priority: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .meta({ description: 'Who has a higher number is asked when nobody of a lower one can be; 1 for one who is new.' }),
  access: z.enum(ACCESSES).optional().meta({ description: ACCESS }),
});
const departments = z
  .array(z.union([id, place]))
  .max(100)
  .meta({ description: 'Ids of departments, or objects with the operator’s place in them.' });
const approved = z.boolean().meta({ description: 'False: is offered no chats, and can take none, until it is true.' });
const speaks = z.array(languageTag).max(20).meta({ description: 'Languages that the operator answers in.' });
const language = z.enum(LANGUAGES);
const maxChats = z.int().min(1).max(1000);

export function listOperatorsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/operators',
    operationId: 'listOperators',
    summary: 'All operators and their state',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    answers: {
      200: { description: 'Also those who are disabled.', schema: z.object({ operators: z.array(operatorShape) }) },
    },
    handle: async (request) => {
      const operators = await deps.helpdeskReads.operators(keyOf(request).instanceId);
      return { status: 200, body: { operators: operators.map(presentOperator) } };
    },
  });
}

export function getOperatorRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/operators/:id',
    operationId: 'getOperator',
    summary: 'An operator and its state',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'The operator.', schema: z.object({ operator: operatorShape }) } },
    handle: async (request) => ({
      status: 200,
      body: { operator: await readOperator(deps, keyOf(request), request.params.id) },
    }),
  });
}

export function createOperatorRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/operators',
    operationId: 'createOperator',
    summary: 'Register an operator; the XMPP account is made soon after',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    idempotencyKey: true,
    body: z.strictObject({
      username: z
        .string()
        .min(1)
        .max(61)
        .meta({ description: 'What the operator logs in with: a-z, 0-9, dot, hyphen, underscore.' }),
      name: name(100).meta({ description: 'What visitors and colleagues read.' }),
      password: givenPassword,
      departments: departments.default([]),
      max_chats: maxChats.default(4),
      skills: skillList.default([]),
      speaks: speaks.default([]),
      approved: approved.default(true),
    }),
    refusals: ['not_found', 'conflict', 'limit_reached'],
    answers: { 201: { description: 'The operator.', schema: z.object({ operator: operatorShape, password: secret }) } },
    handle: async (request) => {
      const { body } = request;
      const key = keyOf(request);
      const madeUp = body.password === undefined ? deps.ids.secret(PASSWORD_BYTES) : undefined;
      return once(deps.transactions, request, async (tx) => {
        const made = await createOperator(tx, await tx.instances.get(key.instanceId), deps.reservedNames, {
          username: body.username,
          name: body.name,
          password: body.password ?? (madeUp as string),
          maxChats: body.max_chats,
          departmentIds: [],
          approved: body.approved,
        });
        const { skills, speaks } = body;
        const operator = await changeOperator(tx, made, { departments: placesOf(body.departments), skills, speaks });
        audit(tx, key, 'operator.create', operator, { name: body.name, departments: body.departments });
        const view = await viewInTransaction(tx, key, operator);
        return { status: 201, body: { operator: view, ...(madeUp === undefined ? {} : { password: madeUp }) } };
      });
    },
  });
}

export function changeOperatorRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/operators/:id',
    operationId: 'changeOperator',
    summary: 'Change an operator; what is absent stays',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    body: z.strictObject({
      name: name(100).optional(),
      max_chats: maxChats.optional(),
      paused: z
        .boolean()
        .optional()
        .meta({ description: 'The operator’s own word: `!pause` and `!resume` change it too.' }),
      off_duty: z
        .boolean()
        .optional()
        .meta({ description: 'The helpdesk’s word: true, and the operator is offered nothing, paused or not.' }),
      manager: z.boolean().optional(),
      language: language.optional(),
      skills: skillList.optional(),
      speaks: speaks.optional(),
      approved: approved.optional(),
      departments: departments.optional(),
      disabled: z
        .boolean()
        .optional()
        .meta({ description: 'False lets one who was removed in again, with the earlier password.' }),
    }),
    refusals: ['not_found', 'limit_reached'],
    answers: { 200: { description: 'The operator.', schema: z.object({ operator: operatorShape }) } },
    handle: async (request) => {
      const { params, body } = request;
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const operator = await lockOperator(tx, key.instanceId, params.id);
        const { max_chats: most, off_duty: offDuty, departments, ...rest } = body;
        const places = departments && placesOf(departments);
        await changeOperator(tx, operator, { ...rest, maxChats: most, offDuty, departments: places });
        audit(tx, key, 'operator.change', operator, body);
      });
      return { status: 200, body: { operator: await readOperator(deps, key, params.id) } };
    },
  });
}

export function deleteOperatorRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/operators/:id',
    operationId: 'deleteOperator',
    summary: 'Disable an operator and remove the XMPP account; the record keeps the name',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'Disabled. Chats that were open wait for somebody else.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const operator = await lockOperator(tx, key.instanceId, request.params.id);
        if (operator.disabled) return;
        await changeOperator(tx, operator, { disabled: true });
        audit(tx, key, 'operator.remove', operator);
      });
      return { status: 204 };
    },
  });
}

export function setPasswordRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/operators/:id/password',
    operationId: 'setOperatorPassword',
    summary: 'Give an operator a new password',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    body: z.strictObject({ password: givenPassword }),
    bodyOptional: true,
    refusals: ['not_found', 'conflict'],
    answers: {
      200: { description: 'The account gets it soon after.', schema: z.object({ jid: z.string(), password: secret }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { password } = request.body;
      const madeUp = password === undefined ? deps.ids.secret(PASSWORD_BYTES) : undefined;
      const operator = await deps.transactions.alone(async (tx) => {
        const operator = await lockOperator(tx, key.instanceId, request.params.id);
        await setOperatorPassword(tx, operator, password ?? (madeUp as string));
        audit(tx, key, 'operator.password', operator);
        return operator;
      });
      return { status: 200, body: { jid: operator.jid, ...(madeUp === undefined ? {} : { password: madeUp }) } };
    },
  });
}

function placesOf(given: z.output<typeof departments>): Place[] {
  return given.map((one) => (typeof one === 'number' ? { id: one } : one));
}

function audit(
  tx: Tx,
  key: KeyCredential,
  action: string,
  operator: Operator,
  details: Record<string, unknown> = {},
): void {
  tx.audit.add({
    instanceId: key.instanceId,
    actor: actorOf(key),
    action,
    subject: `operator:${operator.id}`,
    details,
  });
}

export async function readOperator(
  deps: HelpdeskApiDeps,
  { instanceId }: KeyCredential,
  id: number,
): Promise<z.infer<typeof operatorShape>> {
  const view = await deps.helpdeskReads.operator(instanceId, id);
  if (!view) throw new FoyerError('not_found', 'There is no such operator.');
  return presentOperator(view);
}

/** A new operator as the transaction will leave it. */
async function viewInTransaction(tx: Tx, { instanceId }: KeyCredential, operator: Operator) {
  const found = [];
  for (const { departmentId: id, priority, access } of await tx.operators.memberships(operator.id)) {
    const department = await tx.desks.department(instanceId, id);
    if (department) found.push({ id, name: department.name, priority, access });
  }
  return presentOperator({
    operator,
    accountState: 'wanted',
    presence: null,
    departments: found,
    openChats: 0,
    inWeb: false,
  });
}
