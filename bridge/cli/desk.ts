import { z } from 'zod';
import { changeDesk, createDesk } from '../domain/instances/desks.js';
import type { Desk, Instance } from '../domain/instances/instance.js';
import type { AccountPool } from '../domain/accounts/account-pool.js';
import { poolOf, poolShape } from '../inbound/helpdesk-api/desks.js';
import { REDIRECT_HOW, REDIRECT_TO } from '../inbound/helpdesk-api/desks.js';
import { mailAddress, name as nameField, origin } from '../inbound/helpdesk-api/inputs.js';
import { deskKey, line } from '../inbound/visitor-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import type { Core } from '../compose.js';
import { command, INSTANCE, JSON_OUT, type Values } from './command.js';
import { departmentIds } from './department.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const FIELDS = {
  name: { type: 'string', value: 'TEXT', text: 'what visitors read' },
  department: { type: 'string', value: 'NAME', text: 'whose operators answer' },
  origin: {
    type: 'string',
    value: 'ORIGIN',
    multiple: true,
    text: 'site whose pages may chat here (https://shop.example), or * for any; several times for several',
  },
  state: { type: 'string', value: 'STATE', text: 'active or inactive' },
  rating: { type: 'string', value: 'on|off', text: 'whether pages ask for a rating when a chat is over' },
  pool: {
    type: 'string',
    value: 'N',
    text: 'so many accounts stand for the visitors who chat, one after the other; none: each visitor has its own',
  },
  'when-used-up': {
    type: 'string',
    value: 'WHAT',
    text: 'queue or refuse: a visitor who finds no account of the pool free waits, or is refused',
  },
  'session-delay': {
    type: 'string',
    value: 'SECONDS',
    text: 'how long an account of the pool stays its visitor’s when the chat is over; default: 60',
  },
  'redirect-to': {
    type: 'string',
    value: 'WHERE',
    text: 'where operators may send a visitor’s page: off, same_site (its own and --origin) or any',
  },
  'redirect-how': { type: 'string', value: 'HOW', text: 'ask: the page offers it; go: it goes there by itself' },
  'follow-up': {
    type: 'string',
    value: 'URL',
    text: 'where visitors can go on: https://forum.example/new?chat={chat}&mail={email}; empty removes it',
  },
  'mail-to': { type: 'string', value: 'ADDRESS', text: 'gets closed chats and messages that were left; empty: nobody' },
  greeting: { type: 'string', value: 'TEXT', text: 'first words in the window; empty removes them' },
  placeholder: { type: 'string', value: 'TEXT', text: 'words in the empty field' },
  closed: { type: 'string', value: 'TEXT', text: 'words while the desk is closed' },
  instance: INSTANCE,
} as const;

const TEXTS = ['greeting', 'placeholder', 'closed'] as const;

export const deskAdd = command({
  name: 'desk add',
  summary: 'Makes a desk: where the chats of a website come in. Its key goes into the page as data-desk.',
  args: ['KEY'],
  options: FIELDS,
  run: (call) =>
    withCore(call, async (core) => {
      const key = parsed('KEY', deskKey, call.args[0]);
      const instance = await instanceOf(core, call.values.instance);
      const {
        departmentId,
        allowedOrigins = [],
        name = key,
        state = 'active',
        askRating = false,
        pool = null,
        redirectTo = 'same_site',
        redirectHow = 'ask',
        followUp = null,
        mailTo = null,
      } = await given(core, instance, call.values);
      if (departmentId === undefined) throw new UsageError('--department is missing');
      await core.transactions.alone(async (tx) => {
        const texts = textsOf({}, call.values);
        const desk = await createDesk(tx, {
          instanceId: instance.id,
          key,
          name,
          state,
          departmentId,
          allowedOrigins,
          ...{ askRating, pool, redirectTo, redirectHow, followUp, mailTo, texts },
        });
        tx.audit.add({
          instanceId: instance.id,
          actor: CLI_ACTOR,
          action: 'desk.create',
          subject: `desk:${desk.id}`,
          details: { key, allowedOrigins },
        });
      });
      say(call.io, `Desk ${key} is there.`);
      if (allowedOrigins.length === 0)
        say(call.io, `No site may use it yet: foyer desk set ${key} --origin https://your.site`);
    }),
});

export const deskSet = command({
  name: 'desk set',
  summary: 'Changes a desk; what isn’t named stays. Pages see it within seconds.',
  args: ['KEY'],
  options: FIELDS,
  run: (call) =>
    withCore(call, async (core) => {
      const [key = ''] = call.args;
      const instance = await instanceOf(core, call.values.instance);
      const [before] = (await createHelpdeskReads(core.pool, core.box).desks(instance.id)).filter(
        (desk) => desk.key === key,
      );
      const change = await given(core, instance, call.values, before?.pool);
      await core.transactions.alone(async (tx) => {
        const found = await tx.instances.deskByKey(instance.id, key);
        const desk = found && (await tx.desks.lock(instance.id, found.id));
        if (!desk) throw new CliError(`there is no desk “${key}”`);
        await changeDesk(tx, desk, { ...change, texts: textsOf(desk.texts, call.values) });
        tx.audit.add({
          instanceId: instance.id,
          actor: CLI_ACTOR,
          action: 'desk.change',
          subject: `desk:${desk.id}`,
          details: change,
        });
      });
      say(call.io, `Desk ${key} is changed.`);
    }),
});

export const deskList = command({
  name: 'desk list',
  summary: 'Lists the desks.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const names = new Map((await reads.departments(id)).map(({ department }) => [department.id, department.name]));
      const items = (await reads.desks(id)).map((desk) => ({
        ...{
          key: desk.key,
          name: desk.name,
          state: desk.state,
          department: names.get(desk.departmentId) ?? null,
          origins: desk.allowedOrigins,
          rating: desk.askRating,
          pool: desk.pool?.size ?? null,
          follow_up: desk.followUp,
          mail_to: desk.mailTo,
        },
      }));
      printItems(call.io, items, {
        json: call.values.json,
        empty: 'No desk yet: foyer desk add KEY --department NAME --origin https://your.site',
      });
    }),
});

type Given = Partial<Omit<Desk, 'id' | 'instanceId' | 'key' | 'texts'>>;

async function given(
  core: Core,
  instance: Instance,
  values: Values<typeof FIELDS>,
  before: AccountPool | null = null,
): Promise<Given> {
  const [departmentId] =
    values.department === undefined ? [] : await departmentIds(core, instance, [values.department]);
  const pool = givenPool(values, before);
  return {
    ...(pool === undefined ? {} : { pool }),
    ...(departmentId === undefined ? {} : { departmentId }),
    ...(values.name === undefined ? {} : { name: parsed('--name', nameField(200), values.name) }),
    ...(values.state === undefined ? {} : { state: parsed('--state', z.enum(['active', 'inactive']), values.state) }),
    ...(values.rating === undefined
      ? {}
      : { askRating: parsed('--rating', z.enum(['on', 'off']), values.rating) === 'on' }),
    ...(values['redirect-to'] === undefined
      ? {}
      : { redirectTo: parsed('--redirect-to', z.enum(REDIRECT_TO), values['redirect-to']) }),
    ...(values['redirect-how'] === undefined
      ? {}
      : { redirectHow: parsed('--redirect-how', z.enum(REDIRECT_HOW), values['redirect-how']) }),
    ...(values['follow-up'] === undefined
      ? {}
      : { followUp: values['follow-up'] === '' ? null : parsed('--follow-up', line(1000), values['follow-up']) }),
    ...(values['mail-to'] === undefined
      ? {}
      : { mailTo: values['mail-to'] === '' ? null : parsed('--mail-to', mailAddress, values['mail-to']) }),
    ...(values.origin === undefined
      ? {}
      : { allowedOrigins: values.origin.map((one) => parsed('--origin', origin, one)) }),
  };
}

/** What isn't named stays. @returns undefined when nothing is */
function givenPool(values: Values<typeof FIELDS>, before: AccountPool | null): AccountPool | null | undefined {
  const { pool, 'when-used-up': whenUsedUp, 'session-delay': delay } = values;
  if (pool === 'none') return null;
  if (pool === undefined && whenUsedUp === undefined && delay === undefined) return undefined;
  if (pool === undefined && before === null) throw new UsageError('there is no pool: name its size by --pool');
  return poolOf({
    size: pool === undefined ? (before?.size ?? 0) : parsed('--pool', poolShape.shape.size, Number(pool)),
    when_used_up:
      whenUsedUp === undefined
        ? (before?.whenUsedUp ?? 'queue')
        : parsed('--when-used-up', poolShape.shape.when_used_up, whenUsedUp),
    session_delay_seconds:
      delay === undefined
        ? (before?.sessionDelaySeconds ?? 60)
        : parsed('--session-delay', poolShape.shape.session_delay_seconds, Number(delay)),
  });
}

function textsOf(before: Desk['texts'], values: Values<typeof FIELDS>): Desk['texts'] {
  const after: Desk['texts'] = { ...before };
  for (const name of TEXTS) {
    const text = values[name];
    if (text === '') delete after[name];
    else if (text !== undefined) after[name] = parsed(`--${name}`, line(500), text);
  }
  return after;
}
