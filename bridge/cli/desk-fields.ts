import { z } from 'zod';
import type { AccountPool } from '../domain/accounts/account-pool.js';
import type { Desk, Instance } from '../domain/instances/instance.js';
import {
  REDIRECT_HOW,
  REDIRECT_TO,
  WHO,
  deskFields,
  poolOf,
  poolShape,
  type DeskFields,
} from '../inbound/helpdesk-api/desk-shape.js';
import { mailAddress, name as nameField, origin } from '../inbound/helpdesk-api/inputs.js';
import { line } from '../inbound/visitor-api/inputs.js';
import type { Core } from '../compose.js';
import { INSTANCE, type Values } from './command.js';
import { departmentIds } from './department.js';
import { UsageError } from './exit-codes.js';
import type { Io } from './io.js';
import { parsed } from './parse.js';
import { readYaml } from './read-yaml.js';

const ON_OFF = z.enum(['on', 'off']);
/** What of a desk can be set, as options. */
export const FIELDS = {
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
  'member-groups': {
    type: 'string',
    value: 'LIST',
    text: 'of members only those whom the site says to be in one of these: buyers,staff; empty: all of them',
  },
  'keep-guest-chat': {
    type: 'string',
    value: 'on|off',
    text: 'a guest who signs in takes along the chat that it has open; default: on',
  },
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

/** On those of them that name a file. */
export const FILES = `The files are YAML or JSON, in place of what was there; desk show prints them as they are.

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

type Given = Partial<Omit<Desk, 'id' | 'instanceId' | 'key' | 'texts' | 'widget'>>;

/** Of the options that were given, all but texts and what is in files. @throws UsageError | CliError */
export async function given(
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
    ...(values['member-groups'] === undefined
      ? {}
      : { memberGroups: parsed('--member-groups', deskFields.member_groups, named(values['member-groups'])) }),
    ...(values['keep-guest-chat'] === undefined
      ? {}
      : { keepGuestChat: parsed('--keep-guest-chat', ON_OFF, values['keep-guest-chat']) === 'on' }),
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

/** The texts after a change. */
export function textsOf(before: Desk['texts'], values: Values<typeof FIELDS>): Desk['texts'] {
  const after: Desk['texts'] = { ...before };
  for (const name of TEXTS) {
    const text = values[name];
    if (text === '') delete after[name];
    else if (text !== undefined) after[name] = parsed(`--${name}`, line(500), text);
  }
  return after;
}

/** @param text names with commas between them; empty: none */
function named(text: string): string[] {
  return text === '' ? [] : text.split(',').map((one) => one.trim());
}

/** What is in files, and the languages. */
export function widgetFields(io: Io, values: Values<typeof FIELDS>): DeskFields {
  const { languages, questions, translations, greetings, 'show-rules': showRules } = values;
  const { languages: list } = deskFields;
  return {
    ...(languages === undefined ? {} : { languages: parsed('--languages', list, named(languages)) }),
    ...(translations === undefined ? {} : { translations: readYaml(io, translations, deskFields.translations) }),
    ...(questions === undefined ? {} : { questions: readYaml(io, questions, deskFields.questions) }),
    ...(showRules === undefined ? {} : { show_rules: readYaml(io, showRules, deskFields.show_rules) }),
    ...(greetings === undefined ? {} : { greetings: readYaml(io, greetings, deskFields.greetings) }),
  };
}
