import { z } from 'zod';
import { departmentAdmission } from '../../domain/hours/admission.js';
import type { Tx } from '../../domain/ports.js';
import type { Conditions, Rule } from '../../domain/routing/rule.js';
import { decide } from '../../domain/routing/rule.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { customFields, languageTag, line, page } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { deskKeyField, id, name, skillList } from './inputs.js';
import { actorOf, keyOf } from './own.js';
import { pageFields, pattern } from './routing-shape.js';

const RULES = 200;

const when = z
  .strictObject({
    ...pageFields,
    metadata: customFields(pattern)
      .optional()
      .meta({ description: 'Patterns for what the site says of the visitor (`custom`).' }),
    department: name(100).optional().meta({ description: 'The department that the visitor asked for, by its name.' }),
  })
  .meta({ description: 'All that are given must hold; none: for everybody.' });

export const ruleFields = {
  name: name(100),
  when: when.default({}),
  department: id.meta({ description: 'Id of the department that answers.' }),
  required_skills: skillList.default([]).meta({ description: 'Only its operators are asked who have all of these.' }),
  preferred_skills: skillList.default([]).meta({ description: 'Those are asked first who have more of these.' }),
};
const rules = z.array(z.strictObject(ruleFields)).max(RULES);

/** A visitor who may be made up. */
export const explainInput = z.strictObject({
  desk: deskKeyField,
  languages: z.array(languageTag).max(20).default([]).meta({ description: 'As the browser asks for them.' }),
  page: page.shape.url.optional(),
  referrer: page.shape.referrer,
  metadata: customFields(line(500)).default({}),
  department: name(100).optional().meta({ description: 'The department that the visitor asks for, by its name.' }),
  rules: rules.optional().meta({ description: 'To be tried in place of those that are set.' }),
});

const ruleShape = z
  .object({
    name: z.string(),
    when: z.object({
      languages: z.array(z.string()).optional(),
      page: z.string().optional(),
      referrer: z.string().optional(),
      metadata: z.record(z.string(), z.string()).optional(),
      department: z.string().optional(),
    }),
    department: z.int(),
    required_skills: z.array(z.string()),
    preferred_skills: z.array(z.string()),
  })
  .meta({ id: 'RoutingRule' });
const listShape = z.object({ rules: z.array(ruleShape) });

export function getRulesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/routing-rules',
    operationId: 'listRoutingRules',
    summary: 'Which department answers whom: the first rule that holds decides, else the desk’s own department answers',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    answers: { 200: { description: 'The rules in their order.', schema: listShape } },
    handle: async (request) =>
      deps.transactions.alone(async (tx) => {
        const found = await tx.routing.rules(keyOf(request).instanceId);
        return { status: 200, body: { rules: found.map(presentRule) } };
      }),
  });
}

export function putRulesRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/routing-rules',
    operationId: 'setRoutingRules',
    summary: 'Set all rules, in place of those before',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    body: z.strictObject({ rules }),
    refusals: ['not_found'],
    answers: {
      200: { description: 'The rules in their order. They hold for chats that begin from now on.', schema: listShape },
    },
    handle: async (request) =>
      deps.transactions.alone(async (tx) => {
        const key = keyOf(request);
        const wanted = await checkedRules(tx, key.instanceId, request.body.rules);
        await tx.routing.replace(key.instanceId, wanted);
        const details = { rules: wanted.map((one) => one.name) };
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'routing.set',
          subject: 'routing',
          details,
        });
        return { status: 200, body: { rules: wanted.map(presentRule) } };
      }),
  });
}

export function explainRouteRoute(deps: HelpdeskApiDeps): Route {
  const held = z.object({ on: z.string(), wants: z.string(), found: z.string().nullable(), holds: z.boolean() });
  return defineRoute({
    method: 'post',
    path: '/routing-rules/explain',
    operationId: 'explainRouting',
    summary: 'Say where a visitor would land now, and why; changes nothing',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    body: explainInput,
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'The department, and each rule up to the one that held.',
        schema: z.object({
          department: z.object({ id: z.int(), name: z.string() }),
          rule: z.string().nullable().meta({ description: 'Null: the desk’s own department.' }),
          steps: z.array(z.object({ rule: z.string(), holds: z.boolean(), conditions: z.array(held) })),
          open: z.boolean(),
          opens_at: time.nullable(),
        }),
      },
    },
    handle: async (request) => ({
      status: 200,
      body: await deps.transactions.alone((tx) => explainRouting(tx, keyOf(request).instanceId, request.body)),
    }),
  });
}

/** @throws FoyerError `not_found` */
export async function explainRouting(tx: Tx, instanceId: number, given: z.output<typeof explainInput>) {
  const { desk: deskKey, languages, page, referrer, metadata, department, rules: tried } = given;
  const desk = await tx.instances.deskByKey(instanceId, deskKey);
  if (!desk) throw new FoyerError('not_found', 'There is no such desk.');
  const list = tried ? await checkedRules(tx, instanceId, tried) : await tx.routing.rules(instanceId);
  const known = { languages, pageUrl: page ?? null, referrer: referrer ?? null, metadata, chosen: department ?? null };
  const { departmentId, rule, steps } = decide(list, known, desk.departmentId);
  const { open, opensAt } = await departmentAdmission(tx, desk, departmentId);
  const answers = await tx.desks.department(instanceId, departmentId);
  return {
    department: { id: departmentId, name: answers?.name ?? '' },
    rule: rule?.name ?? null,
    steps: steps.map((step) => ({ ...step, rule: step.rule.name })),
    ...{ open, opens_at: opensAt?.toISOString() ?? null },
  };
}

/** @throws FoyerError `not_found` for a department that this instance hasn't */
export async function checkedRules(tx: Tx, instanceId: number, given: z.output<typeof rules>): Promise<Rule[]> {
  for (const departmentId of new Set(given.map(({ department }) => department)))
    if (!(await tx.desks.department(instanceId, departmentId)))
      throw new FoyerError('not_found', `There is no department ${departmentId}.`, { department: departmentId });
  return given.map(({ name, when: { department, ...rest }, ...rule }) => {
    const conditions = { ...rest, chosen: department };
    const kept = Object.entries(conditions).filter(([, value]) => value !== undefined);
    const skills = { required: rule.required_skills, preferred: rule.preferred_skills };
    return { name, when: Object.fromEntries(kept) as Conditions, departmentId: rule.department, skills };
  });
}

export function presentRule({ name, when: { chosen, ...rest }, departmentId, skills }: Rule) {
  return {
    ...{ name, when: { ...rest, ...(chosen === undefined ? {} : { department: chosen }) }, department: departmentId },
    ...{ required_skills: [...skills.required], preferred_skills: [...skills.preferred] },
  };
}
