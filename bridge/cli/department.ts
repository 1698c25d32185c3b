import type { z } from 'zod';
import type { Core } from '../compose.js';
import type { Instance } from '../domain/instances/instance.js';
import { createDepartment } from '../domain/instances/desks.js';
import { changeDepartment, type DepartmentChange } from '../domain/queue/change-department.js';
import { changeOf, departmentSettings } from '../inbound/helpdesk-api/departments.js';
import { name as nameField } from '../inbound/helpdesk-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT, type Values } from './command.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

export const departmentAdd = command({
  name: 'department add',
  summary: 'Makes a department: a queue with operators.',
  args: ['NAME'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const name = parsed('NAME', nameField(100), call.args[0]);
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      await core.transactions.alone(async (tx) => {
        const department = await createDepartment(tx, instanceId, name);
        tx.audit.add({
          instanceId,
          actor: CLI_ACTOR,
          action: 'department.create',
          subject: `department:${department.id}`,
          details: { name },
        });
      });
      say(call.io, `Department ${name} is there.`);
    }),
});

const NUMBER_OR_NONE = ['offer-seconds', 'max-waiting', 'max-per-operator'] as const;

const SETTINGS = {
  name: { type: 'string', value: 'TEXT', text: 'another name' },
  strategy: {
    type: 'string',
    value: 'HOW',
    text: 'all: ask everybody at once; one: one after the other; direct: give without asking',
  },
  'returning-first': {
    type: 'string',
    value: 'YES',
    text: 'yes: a visitor who comes back is first shown to the last operator; or no',
  },
  'offer-seconds': { type: 'string', value: 'N', text: 'how long an offer stands; none: until somebody answers' },
  overflow: { type: 'string', value: 'NAME', text: 'department that chats go to which have waited too long; or none' },
  'overflow-after': { type: 'string', value: 'SECONDS', text: 'how long that is' },
  'max-waiting': { type: 'string', value: 'N', text: 'refuse new chats while so many wait; or none' },
  'max-per-operator': { type: 'string', value: 'N', text: 'chats of one operator at most; or none' },
  'required-skills': { type: 'string', value: 'WORDS', text: 'ask only operators who have all of these; empty: none' },
  'preferred-skills': { type: 'string', value: 'WORDS', text: 'ask those first who have more of these' },
  'match-language': {
    type: 'string',
    value: 'HOW',
    text: 'no, prefer or require: ask operators first, or only, who speak the visitor’s language',
  },
  'when-nobody': {
    type: 'string',
    value: 'WHAT',
    text: 'queue or offline: new chats while no operator is there wait, or are refused',
  },
  opening: { type: 'string', value: 'STATE', text: 'open or closed by hand, or auto' },
  'grace-seconds': {
    type: 'string',
    value: 'N',
    text: 'a chat whose owner is offline for longer waits for somebody else',
  },
  'remind-visitor': { type: 'string', value: 'N', text: 'seconds until a silent visitor is reminded; or none' },
  'remind-operator': { type: 'string', value: 'N', text: 'seconds until a silent owner is reminded; or none' },
  'remind-times': { type: 'string', value: 'N', text: 'how often' },
  'room-rights': {
    type: 'string',
    value: 'RIGHTS',
    text: 'who may do what in rooms: join=manage invite=answer kick=manage topic=answer',
  },
  'when-unanswered': {
    type: 'string',
    value: 'WHAT',
    text: 'keep or queue: after the last reminder the chat stays, or waits for somebody else',
  },
  'when-target-absent': {
    type: 'string',
    value: 'WHAT',
    text: 'refuse or queue: a chat transferred to an operator who isn’t there stays, or waits for whoever is free',
  },
  'tell-of-watchers': { type: 'string', value: 'YES', text: 'yes: owners are told who watches their chats; or no' },
  'monitors-take-over': {
    type: 'string',
    value: 'YES',
    text: 'yes: who only monitors the department may take its chats over too; or no',
  },
  instance: INSTANCE,
} as const;

export const departmentSet = command({
  name: 'department set',
  summary: 'Changes how a department gives its chats to operators; what isn’t named stays.',
  args: ['NAME'],
  options: SETTINGS,
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const instance = await instanceOf(core, call.values.instance);
      const [id = 0] = await departmentIds(core, instance, [name]);
      const change = await settingsOf(core, instance, call.values);
      if (Object.values(change).every((value) => value === undefined))
        throw new UsageError('there is nothing to change');
      await core.transactions.alone(async (tx) => {
        await changeDepartment(tx, instance.id, id, change);
        tx.audit.add({
          ...{ instanceId: instance.id, actor: CLI_ACTOR, action: 'department.change', subject: `department:${id}` },
          details: change,
        });
      });
      say(call.io, `Department ${change.name ?? name} is changed.`);
    }),
});

async function settingsOf(core: Core, instance: Instance, values: Values<typeof SETTINGS>): Promise<DepartmentChange> {
  const set = <K extends keyof typeof departmentSettings>(option: keyof typeof values, setting: K, value: unknown) =>
    value === undefined
      ? undefined
      : (parsed(`--${option}`, departmentSettings[setting], value) as z.output<(typeof departmentSettings)[K]>);
  const number = (text: string | undefined) => (text === undefined ? undefined : text === 'none' ? null : Number(text));
  const [offer, waiting, most] = NUMBER_OR_NONE.map((option) => number(values[option]));
  const words = (text: string | undefined) => text?.split(/[\s,]+/).filter((word) => word !== '');
  const none = values.overflow === 'none';
  const [overflow] =
    values.overflow === undefined || none ? [] : await departmentIds(core, instance, [values.overflow]);
  const yes = (text: string | undefined) => ({ yes: true, no: false })[text ?? ''] ?? text;
  return {
    name: values.name === undefined ? undefined : parsed('--name', nameField(100), values.name),
    ...changeOf({
      strategy: set('strategy', 'strategy', values.strategy),
      returning_visitor_first: set('returning-first', 'returning_visitor_first', yes(values['returning-first'])),
      offer_seconds: set('offer-seconds', 'offer_seconds', offer),
      overflow_department: none ? null : overflow,
      overflow_after_seconds: none
        ? null
        : set('overflow-after', 'overflow_after_seconds', number(values['overflow-after'])),
      max_waiting: set('max-waiting', 'max_waiting', waiting),
      max_per_operator: set('max-per-operator', 'max_per_operator', most),
      required_skills: set('required-skills', 'required_skills', words(values['required-skills'])),
      preferred_skills: set('preferred-skills', 'preferred_skills', words(values['preferred-skills'])),
      match_language: set('match-language', 'match_language', values['match-language']),
      when_nobody: set('when-nobody', 'when_nobody', values['when-nobody']),
      opening: set('opening', 'opening', values.opening),
      grace_seconds: set('grace-seconds', 'grace_seconds', number(values['grace-seconds'])),
      remind_visitor_after_seconds: set(
        'remind-visitor',
        'remind_visitor_after_seconds',
        number(values['remind-visitor']),
      ),
      remind_operator_after_seconds: set(
        'remind-operator',
        'remind_operator_after_seconds',
        number(values['remind-operator']),
      ),
      remind_operator_times: set('remind-times', 'remind_operator_times', number(values['remind-times'])),
      room_rights: set(
        'room-rights',
        'room_rights',
        values['room-rights'] && Object.fromEntries((words(values['room-rights']) ?? []).map((one) => one.split('='))),
      ),
      when_unanswered: set('when-unanswered', 'when_unanswered', values['when-unanswered']),
      when_target_absent: set('when-target-absent', 'when_target_absent', values['when-target-absent']),
      tell_of_watchers: set('tell-of-watchers', 'tell_of_watchers', yes(values['tell-of-watchers'])),
      monitors_take_over: set('monitors-take-over', 'monitors_take_over', yes(values['monitors-take-over'])),
    }),
  };
}

export const departmentList = command({
  name: 'department list',
  summary: 'Lists the departments with their operators.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const operators = new Map((await reads.operators(id)).map(({ operator }) => [operator.id, operator.name]));
      const items = (await reads.departments(id)).map(({ department, operatorIds }) => ({
        id: department.id,
        name: department.name,
        strategy: department.strategy,
        opening: department.opening,
        operators: operatorIds.flatMap((operatorId) => operators.get(operatorId) ?? []),
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'No department yet: foyer department add Support' });
    }),
});

/** Ids of departments by name. @throws CliError that lists those that there are */
export async function departmentIds(
  { pool, box }: Core,
  instance: Instance,
  names: readonly string[],
): Promise<number[]> {
  const departments = await createHelpdeskReads(pool, box).departments(instance.id);
  return names.map((wanted) => {
    const found = departments.find(({ department }) => department.name === wanted);
    if (found) return found.department.id;
    const known = departments.map(({ department }) => department.name);
    throw new CliError(
      `there is no department “${wanted}” (${known.length === 0 ? 'make one: foyer department add NAME' : `there are: ${known.join(', ')}`})`,
    );
  });
}
