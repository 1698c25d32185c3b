import { stringify } from 'yaml';
import { z } from 'zod';
import { PLAIN_WIDGET } from '../domain/desks/widget-settings.js';
import { changeDesk, createDesk } from '../domain/instances/desks.js';
import type { Desk, Instance } from '../domain/instances/instance.js';
import type { AccountPool } from '../domain/accounts/account-pool.js';
import {
  REDIRECT_HOW,
  REDIRECT_TO,
  WHO,
  deskFields,
  poolOf,
  poolShape,
  toWidgetSettings,
  type DeskFields,
} from '../inbound/helpdesk-api/desk-shape.js';
import { mailAddress, name as nameField, origin } from '../inbound/helpdesk-api/inputs.js';
import { presentDesk } from '../inbound/helpdesk-api/present-desk.js';
import { deskKey, line } from '../inbound/visitor-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import type { Core } from '../compose.js';
import { command, INSTANCE, JSON_OUT, type Values } from './command.js';
import { departmentIds } from './department.js';
import { CliError, UsageError } from './exit-codes.js';
import { say, type Io } from './io.js';
import { printItems, printJson } from './output.js';
import { parsed } from './parse.js';
import { readYaml } from './read-yaml.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const ON_OFF = z.enum(['on', 'off']);
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
  preview: { type: 'string', value: 'on|off', text: 'operators may see what visitors type; the page says so' },
  who: { type: 'string', value: 'WHO', text: 'everybody, or members: only visitors whom the site says who they are' },
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
  wait: { type: 'string', value: 'TEXT', text: 'words while the chat waits' },
  languages: { type: 'string', value: 'LIST', text: 'that the widget speaks, the usual one first: de,en; empty: all' },
  translations: { type: 'string', value: 'FILE', text: 'the texts in other languages' },
  questions: { type: 'string', value: 'FILE', text: 'what is asked before a chat' },
  'show-rules': { type: 'string', value: 'FILE', text: 'where the widget shows itself' },
  greetings: { type: 'string', value: 'FILE', text: 'words that come by themselves' },
  instance: INSTANCE,
} as const;

const TEXTS = ['greeting', 'placeholder', 'closed', 'wait'] as const;

const FILES = `The files are YAML or JSON, in place of what was there; desk show prints them as they are.

  questions:
    - {key: name, kind: name, label: Your name, translations: {de: Ihr Name}, required: true}
    - {key: topic, kind: topic, label: What is it about?, choices: [{value: Bill, department: 2}, {value: Other}]}
    - {key: terms, kind: consent, label: You may keep what I write, required: true}
  show rules, of which the first that holds decides:
    - {when: {page: /shop*, languages: [de]}, show: true}
    - {show: false}
  greetings:
    - {name: prices, when: {page: /pricing*}, after_seconds: 20, once: visitor, text: Any question?}
  translations:
    de: {greeting: Guten Tag!}`;

export const deskAdd = command({
  name: 'desk add',
  summary: 'Makes a desk: where the chats of a website come in. Its key goes into the page as data-desk.',
  details: FILES,
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
        preview = false,
        who = 'everybody',
        pool = null,
        redirectTo = 'same_site',
        redirectHow = 'ask',
        followUp = null,
        mailTo = null,
      } = await given(core, instance, call.values);
      if (departmentId === undefined) throw new UsageError('--department is missing');
      const widget = toWidgetSettings(PLAIN_WIDGET, widgetFields(call.io, call.values));
      await core.transactions.alone(async (tx) => {
        const texts = textsOf({}, call.values);
        const desk = await createDesk(tx, {
          ...{ instanceId: instance.id, key, name, state, departmentId, allowedOrigins },
          ...{ askRating, preview, who, pool, redirectTo, redirectHow, followUp, mailTo, texts, widget },
        });
        tx.audit.add({
          ...{ instanceId: instance.id, actor: CLI_ACTOR, action: 'desk.create' },
          ...{ subject: `desk:${desk.id}`, details: { key, allowedOrigins } },
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
  details: FILES,
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
      const fields = widgetFields(call.io, call.values);
      await core.transactions.alone(async (tx) => {
        const found = await tx.instances.deskByKey(instance.id, key);
        const desk = found && (await tx.desks.lock(instance.id, found.id));
        if (!desk) throw new CliError(`there is no desk “${key}”`);
        await changeDesk(tx, desk, {
          ...change,
          texts: textsOf(desk.texts, call.values),
          widget: toWidgetSettings(desk.widget, fields),
        });
        tx.audit.add({
          instanceId: instance.id,
          actor: CLI_ACTOR,
          action: 'desk.change',
          subject: `desk:${desk.id}`,
          details: { ...change, ...fields },
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
          ...{ rating: desk.askRating, preview: desk.preview, who: desk.who },
          pool: desk.pool?.size ?? null,
          follow_up: desk.followUp,
          mail_to: desk.mailTo,
        },
      }));
      const empty = 'No desk yet: foyer desk add KEY --department NAME --origin https://your.site';
      printItems(call.io, items, { json: call.values.json, empty });
    }),
});

export const deskShow = command({
  name: 'desk show',
  summary: 'Shows all that is set at a desk, as the API has it.',
  args: ['KEY'],
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const [key = ''] = call.args;
      const { id } = await instanceOf(core, call.values.instance);
      const desk = (await createHelpdeskReads(core.pool, core.box).desks(id)).find((one) => one.key === key);
      if (!desk) throw new CliError(`there is no desk “${key}”`);
      if (call.values.json === true) return printJson(call.io, presentDesk(desk));
      say(call.io, stringify(presentDesk(desk)).trimEnd());
    }),
});

type Given = Partial<Omit<Desk, 'id' | 'instanceId' | 'key' | 'texts' | 'widget'>>;

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
    ...(values.rating === undefined ? {} : { askRating: parsed('--rating', ON_OFF, values.rating) === 'on' }),
    ...(values.preview === undefined ? {} : { preview: parsed('--preview', ON_OFF, values.preview) === 'on' }),
    ...(values.who === undefined ? {} : { who: parsed('--who', z.enum(WHO), values.who) }),
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

function widgetFields(io: Io, values: Values<typeof FIELDS>): DeskFields {
  const { languages, questions, translations, greetings, 'show-rules': showRules } = values;
  const { languages: list } = deskFields;
  const named = (text: string) => (text === '' ? [] : text.split(',').map((one) => one.trim()));
  return {
    ...(languages === undefined ? {} : { languages: parsed('--languages', list, named(languages)) }),
    ...(translations === undefined ? {} : { translations: readYaml(io, translations, deskFields.translations) }),
    ...(questions === undefined ? {} : { questions: readYaml(io, questions, deskFields.questions) }),
    ...(showRules === undefined ? {} : { show_rules: readYaml(io, showRules, deskFields.show_rules) }),
    ...(greetings === undefined ? {} : { greetings: readYaml(io, greetings, deskFields.greetings) }),
  };
}
