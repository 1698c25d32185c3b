import { z } from 'zod';
import { MAX_POOL_SIZE, type AccountPool } from '../../domain/accounts/account-pool.js';
import { QUESTION_KINDS, type Question } from '../../domain/desks/question.js';
import type { DeskTexts, WidgetSettings } from '../../domain/desks/widget-settings.js';
import { LANGUAGES } from '../../domain/texts/say.js';
import { deskKey, line, questionKey } from '../visitor-api/inputs.js';
import { id, mailAddress, name, origin } from './inputs.js';
import { pageConditions } from './routing-shape.js';

/** Desks as helpdesks and files describe them. */

const LABEL_LENGTH = 300;
/** The longest answers that a question can ask for, in characters, by its kind. */
export const ANSWER_LENGTHS = { name: 100, email: 320, text: 200, long_text: 2000 } as const;

export const WHO = ['everybody', 'members'] as const;
export const REDIRECT_TO = ['off', 'same_site', 'any'] as const;
export const REDIRECT_HOW = ['ask', 'go'] as const;

export const poolShape = z
  .strictObject({
    size: z.int().min(1).max(MAX_POOL_SIZE),
    when_used_up: z.enum(['queue', 'refuse']).meta({
      description: 'A visitor who finds no account free waits for one, or is refused with `no_account_free`.',
    }),
    session_delay_seconds: z.int().min(0).max(86_400).meta({
      description:
        'How long an account stays its visitor’s when the chat is over. What an operator still writes meanwhile reaches nobody else.',
    }),
  })
  .meta({
    description:
      'So many XMPP accounts stand for the visitors who chat, one after the other. Who only looks at pages is on no contact list.',
  });

/** By the domain's names. */
export function poolOf(given: z.output<typeof poolShape>): AccountPool {
  return { size: given.size, whenUsedUp: given.when_used_up, sessionDelaySeconds: given.session_delay_seconds };
}

const language = z.enum(LANGUAGES as [(typeof LANGUAGES)[number], ...typeof LANGUAGES]);
/** Zod's own record of an enum wants every key. */
const byLanguage = <T extends z.ZodType>(value: T) => z.partialRecord(language, value);
const words = (most: number) => ({
  label: name(most),
  translations: byLanguage(name(most)).default({}),
});

const texts = z
  .strictObject({
    greeting: line(1000).optional(),
    placeholder: line(200).optional(),
    closed: line(1000).optional(),
    wait: line(500).optional().meta({ description: 'While the chat waits.' }),
  })
  .meta({ description: 'What the widget says.' });

const choice = z.strictObject({
  value: name(100).meta({ description: 'What the record and operators have.' }),
  label: name(LABEL_LENGTH).optional().meta({ description: 'What visitors read; the value, when it is left out.' }),
  translations: byLanguage(name(LABEL_LENGTH)).default({}),
  department: id.optional().meta({
    description: 'Of a topic: the department that answers, where no routing rule decides otherwise.',
  }),
});

const question = z
  .strictObject({
    key: questionKey.meta({ description: 'What the answer is called in metadata, routing rules and the API.' }),
    kind: z.enum(QUESTION_KINDS).meta({
      description:
        '`name` and `email` become the visitor’s; `topic` is a choice that may name the department; `consent` is a box to be ticked.',
    }),
    ...words(LABEL_LENGTH),
    required: z.boolean().default(false),
    every_chat: z.boolean().optional().meta({
      description:
        'Asked before each chat, whatever is known already. Left out: no for `name` and `email`, yes for the others.',
    }),
    max_length: z.int().min(1).max(ANSWER_LENGTHS.long_text).optional(),
    choices: z.array(choice).max(30).default([]),
  })
  .check(({ value: { kind, choices, max_length: maxLength }, issues }) => {
    const fault = (field: string, message: string): void =>
      void issues.push({ code: 'custom', message, path: [field], input: undefined });
    const chooses = kind === 'topic' || kind === 'choice';
    if (chooses === (choices.length === 0))
      fault('choices', chooses ? 'must have a choice' : `a question of the kind ${kind} has none`);
    if (!distinct(choices.map(({ value }) => value))) fault('choices', 'must have different values');
    if (kind !== 'topic' && choices.some(({ department }) => department !== undefined))
      fault('choices', 'only a topic names departments');
    const most = kind in ANSWER_LENGTHS ? ANSWER_LENGTHS[kind as keyof typeof ANSWER_LENGTHS] : 0;
    if (maxLength !== undefined && maxLength > most)
      fault('max_length', most === 0 ? `a question of the kind ${kind} has none` : `must be ${most} at most`);
  });

const questions = z
  .array(question)
  .max(10)
  .refine((all) => distinct(all.map(({ key }) => key)), 'must have different keys')
  .refine(
    (all) => ['name', 'email', 'topic'].every((kind) => all.filter((one) => one.kind === kind).length < 2),
    'must ask for name, e-mail address and topic once at most',
  )
  .meta({ description: 'Asked before a chat, in this order, as far as the answer isn’t known.' });

const showRules = z
  .array(z.strictObject({ when: pageConditions.default({}), show: z.boolean() }))
  .max(50)
  .meta({
    description: 'Where the widget shows itself: the first rule that holds decides, and where none holds it does.',
  });

const greetings = z
  .array(
    z.strictObject({
      name: questionKey,
      when: pageConditions.default({}),
      after_seconds: z.int().min(0).max(3600),
      once: z.enum(['visitor', 'visit']).default('visit').meta({
        description: 'Never again to this visitor, or once each time that the visitor comes to the site.',
      }),
      text: name(1000),
      translations: byLanguage(name(1000)).default({}),
    }),
  )
  .max(20)
  .refine((all) => distinct(all.map((one) => one.name)), 'must have different names')
  .meta({ description: 'Words that come by themselves to visitors who don’t chat: the first whose rule holds.' });

/** By the site's own names. */
const memberGroups = z.array(name(100)).max(20).refine(distinct, 'must be different');

export const deskFields = {
  key: deskKey.meta({ description: 'What pages and calls name the desk by.' }),
  name: name(200),
  state: z.enum(['active', 'inactive']).meta({
    description: 'An inactive desk takes no chats and its widget shows itself nowhere; open chats go on.',
  }),
  department: id.meta({ description: 'Id of the department that answers.' }),
  allowed_origins: z
    .array(origin)
    .max(50)
    .meta({ description: 'Origins whose pages may open chats; `*` lets all in.' }),
  ask_rating: z.boolean().meta({ description: 'Pages ask for a rating when a chat is over.' }),
  preview: z.boolean().meta({
    description:
      'Operators who ask for it (`!preview on`) see what a visitor is typing before it is sent; the page says so.',
  }),
  who: z.enum(WHO).meta({
    description: 'Members are visitors whom the site says who they are; guests are then refused with `members_only`.',
  }),
  member_groups: memberGroups.meta({
    description: 'Of members only those whom the site says to be in one of these groups; none: all of them.',
  }),
  keep_guest_chat: z.boolean().meta({
    description: 'A guest who signs in takes along the chat that it has open, unless the member is known already.',
  }),
  account_pool: poolShape.nullable(),
  redirect_to: z.enum(REDIRECT_TO).meta({
    description:
      'Where operators may send a visitor’s page: nowhere, to the allowed origins and the site where the visitor is, or anywhere.',
  }),
  redirect_how: z.enum(REDIRECT_HOW).meta({ description: 'The page offers it, or goes there by itself.' }),
  follow_up: line(1000)
    .nullable()
    .meta({
      description:
        'Where visitors can go on when a chat is over or nobody is there, such as `https://forum.example/new?title={topic}&chat={chat}&mail={email}`. ' +
        'Placeholders: `chat`, `desk`, `name`, `email`, `language`, `page`, `title`, `referrer`, and what the site says of the visitor (`custom`).',
    }),
  mail_to: mailAddress
    .nullable()
    .meta({ description: 'Gets every closed chat and every message that was left by mail.' }),
  texts,
  languages: z
    .array(language)
    .refine(distinct, 'must be different')
    .meta({ description: 'That the widget speaks here, the one for everybody else first; none: all.' }),
  translations: byLanguage(texts).meta({ description: 'The texts in other languages.' }),
  questions,
  show_rules: showRules,
  greetings,
};

/** What is absent stays. */
export const deskChange = z.strictObject(deskFields).partial();
export type DeskFields = z.output<typeof deskChange>;

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/** The settings after a change. */
export function toWidgetSettings(before: WidgetSettings, given: DeskFields): WidgetSettings {
  return {
    languages: given.languages ?? before.languages,
    translations: given.translations
      ? Object.fromEntries(Object.entries(given.translations).map(([key, value]) => [key, definedTexts(value)]))
      : before.translations,
    questions: given.questions?.map(toQuestion) ?? before.questions,
    showRules: given.show_rules?.map(({ when, show }) => ({ when: defined(when), show })) ?? before.showRules,
    greetings:
      given.greetings?.map(({ after_seconds: afterSeconds, when, ...rest }) => ({
        ...{ ...rest, afterSeconds, when: defined(when) },
      })) ?? before.greetings,
  };
}

function toQuestion(given: z.output<typeof question>): Question {
  const { key, kind, label, translations, required, every_chat: everyChat, max_length: maxLength, choices } = given;
  const most = kind in ANSWER_LENGTHS ? ANSWER_LENGTHS[kind as keyof typeof ANSWER_LENGTHS] : LABEL_LENGTH;
  return {
    ...{ key, kind, label, translations, required, maxLength: maxLength ?? most },
    everyChat: everyChat ?? (kind !== 'name' && kind !== 'email'),
    choices: choices.map(({ value, label, translations, department }) => ({
      ...{ value, label: label ?? value, translations, departmentId: department ?? null },
    })),
  };
}

/** Texts without those that weren't given. */
export function definedTexts(given: z.output<typeof texts>): DeskTexts {
  return defined(given);
}

function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
