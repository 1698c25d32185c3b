import { z } from 'zod';
import type { Core } from '../compose.js';
import { operatorLocal } from '../domain/accounts/jid-names.js';
import type { Instance } from '../domain/instances/instance.js';
import { changeOperator, setOperatorPassword } from '../domain/operators/change-operator.js';
import { createOperator } from '../domain/operators/create-operator.js';
import type { MembershipView } from '../domain/helpdesk-reads.js';
import { ACCESSES, type Operator } from '../domain/operators/operator.js';
import type { Tx } from '../domain/ports.js';
import { LANGUAGES } from '../domain/texts/say.js';
import { name as nameField, skillList } from '../inbound/helpdesk-api/inputs.js';
import { languageTag } from '../inbound/visitor-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { departmentIds } from './department.js';
import { CliError, UsageError } from './exit-codes.js';
import { say, type Io } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { readSecret } from './read-secret.js';
import { CLI_ACTOR, instanceOf, reservedNames, withCore } from './with-core.js';

/** Random bytes of a password that is made up. */
const PASSWORD_BYTES = 16;
const PASSWORD = z.string().regex(/^[\x21-\x7e]{10,128}$/, 'must be 10 to 128 visible ASCII characters');
const maxChats = z.coerce.number().int().min(1).max(1000);
const DEFAULT_MAX_CHATS = 4;
const priority = z.coerce.number().int().min(1).max(9);

const FIELDS = {
  name: { type: 'string', value: 'TEXT', text: 'what visitors and colleagues read' },
  department: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    text: 'whose chats the operator answers; several times for several',
  },
  'max-chats': { type: 'string', value: 'N', text: `chats at a time; default: ${DEFAULT_MAX_CHATS}` },
  instance: INSTANCE,
} as const;
const FROM_STDIN = {
  type: 'boolean',
  text: 'read the password from standard input; default: it is made up and shown once',
} as const;

export const operatorAdd = command({
  name: 'operator add',
  summary: 'Registers an operator; the XMPP account is made by the running bridge.',
  args: ['NAME'],
  options: {
    ...FIELDS,
    pending: { type: 'boolean', text: 'is offered no chats until a manager approves' },
    'password-stdin': FROM_STDIN,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const [username = ''] = call.args;
      const { values, io } = call;
      const instance = await instanceOf(core, values.instance);
      const departments = await departmentIds(core, instance, values.department ?? []);
      const { password, madeUp } = await newPassword(core, io, values['password-stdin']);
      const wanted = {
        ...{ username, password, departmentIds: departments, approved: values.pending !== true },
        name: parsed('--name', nameField(100), values.name ?? username),
        maxChats: parsed('--max-chats', maxChats, values['max-chats'] ?? DEFAULT_MAX_CHATS),
      };
      const operator = await core.transactions.alone(async (tx) => {
        const made = await createOperator(tx, instance, reservedNames(core.settings), wanted);
        tx.audit.add({
          instanceId: instance.id,
          actor: CLI_ACTOR,
          action: 'operator.create',
          subject: `operator:${made.id}`,
          details: { name: wanted.name },
        });
        return made;
      });
      say(io, `Operator ${operator.name} is registered: ${operator.jid}`);
      if (madeUp) say(io, `Password (not shown again): ${password}`);
      if (departments.length === 0)
        say(io, `In no department yet, so no chats are shown: foyer operator set ${username} --department NAME`);
    }),
});

export const operatorSet = command({
  name: 'operator set',
  summary: 'Changes an operator; what isn’t named stays.',
  args: ['NAME'],
  options: {
    ...FIELDS,
    language: { type: 'string', value: 'CODE', text: `of what Foyer says to the operator: ${LANGUAGES.join(', ')}` },
    manager: { type: 'string', value: 'YES', text: 'yes: may open and close departments by !queue; or no' },
    skills: { type: 'string', value: 'WORDS', text: 'what the operator knows about: billing,refunds; empty: nothing' },
    speaks: { type: 'string', value: 'CODES', text: 'languages that the operator answers in: de,pt-br' },
    approved: { type: 'string', value: 'YES', text: 'no: is offered no chats, and can take none, until yes' },
    enable: { type: 'boolean', text: 'lets one who was removed in again, with the earlier password' },
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { values } = call;
      const instance = await instanceOf(core, values.instance);
      const operator = await findOperator(core, instance, call.args[0] ?? '');
      const change = {
        name: values.name === undefined ? undefined : parsed('--name', nameField(100), values.name),
        maxChats: values['max-chats'] === undefined ? undefined : parsed('--max-chats', maxChats, values['max-chats']),
        departments:
          values.department === undefined
            ? undefined
            : (await departmentIds(core, instance, values.department)).map((id) => ({ id })),
        skills: values.skills === undefined ? undefined : words('--skills', skillList, values.skills),
        speaks:
          values.speaks === undefined ? undefined : words('--speaks', z.array(languageTag).max(20), values.speaks),
        language: values.language === undefined ? undefined : parsed('--language', z.enum(LANGUAGES), values.language),
        manager: yes('--manager', values.manager),
        approved: yes('--approved', values.approved),
        disabled: values.enable === true ? false : undefined,
      };
      if (Object.values(change).every((value) => value === undefined))
        throw new UsageError('there is nothing to change');
      await changed(
        core,
        operator,
        'operator.change',
        async (tx, locked) => void (await changeOperator(tx, locked, change)),
      );
      say(call.io, `Operator ${operator.jid} is changed.`);
    }),
});

export const operatorAssign = command({
  name: 'operator assign',
  summary: 'Puts an operator into a department, or changes what it may do there; other departments stay.',
  args: ['NAME', 'DEPARTMENT'],
  options: {
    priority: { type: 'string', value: 'N', text: '1 to 9: is asked when nobody of a lower number can be; default: 1' },
    access: { type: 'string', value: 'LEVEL', text: `${ACCESSES.join(', ')}; default: answer` },
    instance: INSTANCE,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const [name = '', department = ''] = call.args;
      const { values } = call;
      const instance = await instanceOf(core, values.instance);
      const operator = await findOperator(core, instance, name);
      const [id = 0] = await departmentIds(core, instance, [department]);
      const place = {
        id,
        priority: values.priority === undefined ? undefined : parsed('--priority', priority, values.priority),
        access: values.access === undefined ? undefined : parsed('--access', z.enum(ACCESSES), values.access),
      };
      await changed(core, operator, 'operator.change', async (tx, locked) => {
        const others = (await tx.operators.departments(locked.id))
          .filter((one) => one !== id)
          .map((one) => ({ id: one }));
        await changeOperator(tx, locked, { departments: [...others, place] });
      });
      say(call.io, `${operator.jid} is in ${department}.`);
    }),
});

export const operatorPassword = command({
  name: 'operator password',
  summary: 'Gives an operator a new password.',
  args: ['NAME'],
  options: { instance: INSTANCE, 'password-stdin': FROM_STDIN },
  run: (call) =>
    withCore(call, async (core) => {
      const instance = await instanceOf(core, call.values.instance);
      const operator = await findOperator(core, instance, call.args[0] ?? '');
      const { password, madeUp } = await newPassword(core, call.io, call.values['password-stdin']);
      await changed(core, operator, 'operator.password', (tx, locked) => setOperatorPassword(tx, locked, password));
      say(call.io, `${operator.jid} has a new password as soon as the bridge has told ejabberd.`);
      if (madeUp) say(call.io, `Password (not shown again): ${password}`);
    }),
});

export const operatorRemove = command({
  name: 'operator remove',
  summary: 'Takes an operator’s account away; open chats wait for somebody else, the record stays.',
  args: ['NAME'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const instance = await instanceOf(core, call.values.instance);
      const operator = await findOperator(core, instance, call.args[0] ?? '');
      if (operator.disabled) return say(call.io, `${operator.jid} is removed already.`);
      await changed(
        core,
        operator,
        'operator.remove',
        async (tx, locked) => void (await changeOperator(tx, locked, { disabled: true })),
      );
      say(call.io, `${operator.jid} is removed. It can come back: foyer operator set ${call.args[0]} --enable`);
    }),
});

export const operatorList = command({
  name: 'operator list',
  summary: 'Lists the operators and their state.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const views = await createHelpdeskReads(core.pool, core.box).operators(id);
      const items = views.map(({ operator, accountState, presence, departments, openChats }) => ({
        ...{ jid: operator.jid, name: operator.name, state: operator.disabled ? 'removed' : accountState },
        ...{
          show: presence?.show ?? 'offline',
          chats: openChats,
          max_chats: operator.maxChats,
          departments: departments.map(shownPlace),
          skills: operator.skills,
          approved: operator.approved,
        },
      }));
      printItems(call.io, items, {
        json: call.values.json,
        empty: 'No operator yet: foyer operator add NAME --department NAME',
      });
    }),
});

function shownPlace({ name, priority, access }: MembershipView): string {
  const notes = [...(priority === 1 ? [] : [String(priority)]), ...(access === 'answer' ? [] : [access])];
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}

function yes(option: string, value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : parsed(option, z.enum(['yes', 'no']), value) === 'yes';
}

function words<T>(option: string, list: z.ZodType<T>, value: string): T {
  return parsed(
    option,
    list,
    value.split(/[\s,]+/).filter((word) => word !== ''),
  );
}

export async function changed(
  core: Core,
  { instanceId, id }: Operator,
  action: string,
  change: (tx: Tx, operator: Operator) => Promise<void> | void,
): Promise<void> {
  await core.transactions.alone(async (tx) => {
    const operator = await tx.operators.lock(instanceId, id);
    if (!operator) throw new CliError('the operator is gone');
    await change(tx, operator);
    tx.audit.add({ instanceId, actor: CLI_ACTOR, action, subject: `operator:${id}` });
  });
}

/** By user name as it was registered, or by JID. */
export async function findOperator({ pool, box }: Core, instance: Instance, name: string): Promise<Operator> {
  const jid = name.includes('@') ? name : `${operatorLocal(name, instance.name)}@${instance.host}`;
  const found = (await createHelpdeskReads(pool, box).operators(instance.id)).find(
    ({ operator }) => operator.jid === jid,
  );
  if (!found) throw new CliError(`there is no operator “${name}” in ${instance.name}`);
  return found.operator;
}

async function newPassword(
  { ids }: Core,
  io: Io,
  fromStdin: boolean | undefined,
): Promise<{ password: string; madeUp: boolean }> {
  if (fromStdin !== true) return { password: ids.secret(PASSWORD_BYTES), madeUp: true };
  return { password: parsed('the password', PASSWORD, await readSecret(io, 'password')), madeUp: false };
}
