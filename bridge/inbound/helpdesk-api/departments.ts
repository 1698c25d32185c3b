import { z } from 'zod';
import { createDepartment } from '../../domain/instances/desks.js';
import type { Tx } from '../../domain/ports.js';
import { changeDepartment, type DepartmentChange } from '../../domain/queue/change-department.js';
import { LANGUAGE_MATCHES, STRATEGIES, type Department } from '../../domain/queue/department.js';
import type { KeyCredential } from '../../domain/reads.js';
import { ROOM_LEVELS } from '../../domain/rooms/rights.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idParam, name, skillList } from './inputs.js';
import { actorOf, checkReach, keyOf } from './own.js';

const DAY = 86_400;
const MOST = 100_000;

const level = z.enum(ROOM_LEVELS);

/** The rules by which a department's chats are given to its operators; also what the command line takes. */
export const departmentSettings = {
  strategy: z.enum(STRATEGIES).meta({
    description:
      '`all`: everybody who is free is shown a chat, the first answer has it; `one`: one operator after the other is asked; `direct`: the chat is given without asking.',
  }),
  returning_visitor_first: z.boolean().meta({
    description:
      'A visitor who comes back is first shown to the operator of the last chat; with `all` this needs `offer_seconds`.',
  }),
  offer_seconds: z
    .int()
    .min(1)
    .max(3600)
    .nullable()
    .meta({ description: 'How long an offer stands; null: until somebody answers, and with `one` 30 seconds.' }),
  overflow_department: id.nullable().meta({ description: 'Where chats go that have waited too long, once.' }),
  overflow_after_seconds: z.int().min(1).max(DAY).nullable(),
  max_waiting: z.int().min(0).max(MOST).nullable().meta({ description: 'New chats are refused while so many wait.' }),
  max_per_operator: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .meta({ description: 'Chats of one operator at most, whatever `max_chats` of the operator says.' }),
  required_skills: skillList.meta({ description: 'Only operators are asked who have all of these.' }),
  preferred_skills: skillList.meta({ description: 'Who has more of these is asked before the others.' }),
  match_language: z.enum(LANGUAGE_MATCHES).meta({
    description:
      '`require`: only operators are asked who speak one of the visitor’s languages; `prefer`: they are asked before the others, who speaks the dearest first.',
  }),
  when_nobody: z.enum(['queue', 'offline']).meta({
    description: 'New chats while no operator is there: they wait, or are refused with `desk_closed`.',
  }),
  opening: z.enum(['auto', 'open', 'closed']).meta({
    description:
      'By hand; `auto`: by the other rules. `open` takes chats also while nobody is there, and both hold whatever the hours say.',
  }),
  grace_seconds: z
    .int()
    .min(0)
    .max(DAY)
    .meta({ description: 'A chat whose owner is offline for longer waits for somebody else.' }),
  remind_visitor_after_seconds: z.int().min(1).max(DAY).nullable().meta({
    description: 'A visitor on the site who leaves an answer unanswered for so long is reminded once; null: never.',
  }),
  remind_operator_after_seconds: z.int().min(1).max(DAY).nullable().meta({
    description: 'An owner who leaves words unanswered for so long is reminded, and as often again; null: never.',
  }),
  remind_operator_times: z.int().min(1).max(20),
  when_unanswered: z.enum(['keep', 'queue']).meta({
    description: 'So long after the last reminder: the chat stays with its owner, or waits for somebody else.',
  }),
  room_rights: z.strictObject({ join: level, invite: level, kick: level, topic: level }).meta({
    description:
      'From which access on operators may come into a chat’s room unasked, invite others, put them out, and set the topic. Who may kick may also invite and set the topic.',
  }),
  when_target_absent: z.enum(['refuse', 'queue']).meta({
    description:
      'A chat that is to be transferred to an operator who isn’t there stays with its owner (`operator_absent`), or waits in this department for whoever is free.',
  }),
  tell_of_watchers: z.boolean().meta({ description: 'Owners are told who watches their chats.' }),
  monitors_take_over: z.boolean().meta({
    description: 'Operators whose access is `monitor` may take chats over too, not only those who manage.',
  }),
};
const someSettings = z.strictObject(departmentSettings).partial();
type Given = z.output<typeof someSettings>;

const departmentShape = z
  .object({
    id: z.int(),
    name: z.string(),
    operators: z.array(z.int()).meta({ description: 'Ids of its operators.' }),
    ...departmentSettings,
  })
  .meta({ id: 'Department' });

export function listDepartmentsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/departments',
    operationId: 'listDepartments',
    summary: 'All departments',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    answers: {
      200: {
        description: 'With the ids of their operators.',
        schema: z.object({ departments: z.array(departmentShape) }),
      },
    },
    handle: async (request) => {
      const departments = await deps.helpdeskReads.departments(keyOf(request).instanceId);
      const shown = departments.map(({ department, operatorIds }) => presentDepartment(department, operatorIds));
      return { status: 200, body: { departments: shown } };
    },
  });
}

export function createDepartmentRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/departments',
    operationId: 'createDepartment',
    summary: 'Make a department',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    idempotencyKey: true,
    body: z.strictObject({ name: name(100), ...someSettings.shape }),
    refusals: ['not_found', 'conflict'],
    answers: { 201: { description: 'The department.', schema: z.object({ department: departmentShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { name, ...settings } = request.body;
      return once(deps.transactions, request, async (tx) => {
        const { id } = await createDepartment(tx, key.instanceId, name);
        const department = await changeDepartment(tx, key.instanceId, id, changeOf(settings));
        audit(tx, key, 'department.create', department, request.body);
        return { status: 201, body: { department: presentDepartment(department, []) } };
      });
    },
  });
}

export function changeDepartmentRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/departments/:id',
    operationId: 'changeDepartment',
    summary: 'Change how a department gives its chats; what is absent stays',
    tag: 'desks',
    auth: { kind: 'key', scope: 'desks' },
    params: idParam,
    body: z.strictObject({ name: name(100).optional(), ...someSettings.shape }),
    refusals: ['not_found', 'conflict'],
    answers: {
      200: {
        description: 'The department. Chats that wait are given by the new rules at once.',
        schema: z.object({ department: departmentShape }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { name, ...settings } = request.body;
      checkReach(key, request.params.id, 'manage', 'department');
      await deps.transactions.alone(async (tx) => {
        const change = { name, ...changeOf(settings) };
        const department = await changeDepartment(tx, key.instanceId, request.params.id, change);
        audit(tx, key, 'department.change', department, request.body);
      });
      const all = await deps.helpdeskReads.departments(key.instanceId);
      const found = all.find(({ department }) => department.id === request.params.id);
      if (!found) throw new Error(`Department ${request.params.id} is gone`);
      return { status: 200, body: { department: presentDepartment(found.department, found.operatorIds) } };
    },
  });
}

/** Settings by the domain's names. */
export function changeOf(given: Given): DepartmentChange {
  return {
    strategy: given.strategy,
    returningFirst: given.returning_visitor_first,
    offerSeconds: given.offer_seconds,
    overflowDepartmentId: given.overflow_department,
    overflowSeconds: given.overflow_after_seconds,
    maxWaiting: given.max_waiting,
    maxPerOperator: given.max_per_operator,
    requiredSkills: given.required_skills,
    preferredSkills: given.preferred_skills,
    matchLanguage: given.match_language,
    whenEmpty: given.when_nobody,
    opening: given.opening,
    graceSeconds: given.grace_seconds,
    remindVisitorSeconds: given.remind_visitor_after_seconds,
    remindOperatorSeconds: given.remind_operator_after_seconds,
    remindOperatorTimes: given.remind_operator_times,
    unanswered: given.when_unanswered,
    roomRights: given.room_rights,
    absentTarget: given.when_target_absent,
    tellWatched: given.tell_of_watchers,
    monitorsTakeOver: given.monitors_take_over,
  };
}

function audit(tx: Tx, key: KeyCredential, action: string, { id }: Department, details: Record<string, unknown>): void {
  tx.audit.add({ instanceId: key.instanceId, actor: actorOf(key), action, subject: `department:${id}`, details });
}

function presentDepartment(department: Department, operators: number[]): z.infer<typeof departmentShape> {
  return {
    id: department.id,
    name: department.name,
    operators,
    strategy: department.strategy,
    returning_visitor_first: department.returningFirst,
    offer_seconds: department.offerSeconds,
    overflow_department: department.overflowDepartmentId,
    overflow_after_seconds: department.overflowSeconds,
    max_waiting: department.maxWaiting,
    max_per_operator: department.maxPerOperator,
    required_skills: [...department.requiredSkills],
    preferred_skills: [...department.preferredSkills],
    match_language: department.matchLanguage,
    when_nobody: department.whenEmpty,
    opening: department.opening,
    grace_seconds: department.graceSeconds,
    remind_visitor_after_seconds: department.remindVisitorSeconds,
    remind_operator_after_seconds: department.remindOperatorSeconds,
    remind_operator_times: department.remindOperatorTimes,
    when_unanswered: department.unanswered,
    room_rights: { ...department.roomRights },
    when_target_absent: department.absentTarget,
    tell_of_watchers: department.tellWatched,
    monitors_take_over: department.monitorsTakeOver,
  };
}
