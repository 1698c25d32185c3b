import { z } from 'zod';
import { QUESTION_KINDS, type Question } from '../../domain/desks/question.js';
import type { DeskTexts, WidgetSettings } from '../../domain/desks/widget-settings.js';
import type { Desk } from '../../domain/instances/instance.js';
import { ANSWER_LENGTHS, REDIRECT_HOW, REDIRECT_TO, WHO } from './desk-shape.js';

const shownPool = z
  .object({ size: z.int(), when_used_up: z.enum(['queue', 'refuse']), session_delay_seconds: z.int() })
  .meta({ id: 'AccountPool' });
const shownTranslations = z.record(z.string(), z.string());
const shownTexts = z.object({
  greeting: z.string().optional(),
  placeholder: z.string().optional(),
  closed: z.string().optional(),
  wait: z.string().optional(),
});
const shownWhen = z.object({
  languages: z.array(z.string()).optional(),
  page: z.string().optional(),
  referrer: z.string().optional(),
});

export const deskShape = z
  .object({
    id: z.int(),
    key: z.string(),
    name: z.string(),
    state: z.enum(['active', 'inactive']),
    department: z.int(),
    allowed_origins: z.array(z.string()),
    ask_rating: z.boolean(),
    preview: z.boolean(),
    who: z.enum(WHO),
    member_groups: z.array(z.string()),
    keep_guest_chat: z.boolean(),
    account_pool: shownPool.nullable().meta({ description: 'Null: each visitor has an account of its own.' }),
    redirect_to: z.enum(REDIRECT_TO),
    redirect_how: z.enum(REDIRECT_HOW),
    follow_up: z.string().nullable(),
    mail_to: z.string().nullable(),
    texts: shownTexts,
    languages: z.array(z.string()),
    translations: z.record(z.string(), shownTexts),
    questions: z.array(
      z.object({
        ...{ key: z.string(), kind: z.enum(QUESTION_KINDS), label: z.string(), translations: shownTranslations },
        ...{ required: z.boolean(), every_chat: z.boolean(), max_length: z.int().optional() },
        choices: z.array(
          z.object({
            ...{ value: z.string(), label: z.string(), translations: shownTranslations },
            department: z.int().optional(),
          }),
        ),
      }),
    ),
    show_rules: z.array(z.object({ when: shownWhen, show: z.boolean() })),
    greetings: z.array(
      z.object({
        ...{ name: z.string(), when: shownWhen, after_seconds: z.int(), once: z.enum(['visitor', 'visit']) },
        ...{ text: z.string(), translations: shownTranslations },
      }),
    ),
  })
  .meta({ id: 'HelpdeskDesk' });

/** As it could be given again. */
export function presentDesk(desk: Desk): z.infer<typeof deskShape> {
  const { languages, translations, questions, showRules, greetings } = desk.widget;
  return {
    id: desk.id,
    key: desk.key,
    name: desk.name,
    state: desk.state,
    department: desk.departmentId,
    allowed_origins: [...desk.allowedOrigins],
    ask_rating: desk.askRating,
    preview: desk.preview,
    who: desk.who,
    ...{ member_groups: [...desk.memberGroups], keep_guest_chat: desk.keepGuestChat },
    account_pool: desk.pool && {
      ...{ size: desk.pool.size, when_used_up: desk.pool.whenUsedUp },
      session_delay_seconds: desk.pool.sessionDelaySeconds,
    },
    ...{ redirect_to: desk.redirectTo, redirect_how: desk.redirectHow },
    ...{ follow_up: desk.followUp, mail_to: desk.mailTo },
    texts: desk.texts,
    languages: [...languages],
    translations: translations as Record<string, DeskTexts>,
    questions: questions.map(presentQuestion),
    show_rules: showRules.map(({ when, show }) => ({ when: presentWhen(when), show })),
    greetings: greetings.map(({ name, when, afterSeconds, once, text, translations }) => ({
      ...{ name, when: presentWhen(when), after_seconds: afterSeconds, once, text },
      translations: translations as Record<string, string>,
    })),
  };
}

function presentQuestion({ key, kind, label, translations, required, everyChat, maxLength, choices }: Question) {
  return {
    ...{ key, kind, label, translations: translations as Record<string, string>, required, every_chat: everyChat },
    ...(kind in ANSWER_LENGTHS ? { max_length: maxLength } : {}),
    choices: choices.map(({ value, label, translations, departmentId }) => ({
      ...{ value, label, translations: translations as Record<string, string> },
      ...(departmentId === null ? {} : { department: departmentId }),
    })),
  };
}

function presentWhen({ languages, ...rest }: WidgetSettings['showRules'][number]['when']) {
  return { ...rest, ...(languages ? { languages: [...languages] } : {}) };
}
