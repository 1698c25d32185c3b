import { z } from 'zod';
import type { VisitorDetails } from '../../domain/visitors/visitor.js';
import { cleanLine, cut } from '../../shared/text.js';

/** Field types that several calls of pages share. Text is bounded here; messages by the configured limit. */

/** One line of visible text. */
export const line = (most: number) => z.string().max(most).transform(cleanLine);

export const deskKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be a desk’s key');
export const chatId = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
/** The page's own name for a message; the same one again is the same message. */
export const clientMessageId = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 visible ASCII characters');
/** The widget sends a backlog by calls of so many; no limit may be lower. */
export const MESSAGES_A_CALL = 50;
/** Bounded far above the configured limit, so that the refusal names the limit. */
export const messageText = z.string().max(200_000);

const ADDRESS_LENGTH = 2000;
const address = line(ADDRESS_LENGTH).meta({
  description: 'As the page says: of any scheme, so look at it before you make it a link.',
});

export const page = z.strictObject({ url: address, title: line(500).optional(), referrer: address.optional() });

export const languageTag = z.string().regex(/^[A-Za-z0-9-]{1,35}$/, 'must be a language tag such as de or pt-BR');

const CUSTOM_KEYS = 20;
const customKey = z
  .string()
  .min(1)
  .max(40)
  .refine((text) => text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text), 'must be visible text');
export const customFields = <T extends z.ZodType<string>>(value: T) =>
  z
    .record(customKey, value)
    .refine((fields) => Object.keys(fields).length <= CUSTOM_KEYS, `must have ${CUSTOM_KEYS} keys at most`);
const custom = customFields(line(500)).meta({
  description: 'What the site says of the visitor in words of its own, in place of what it said before.',
  maxProperties: CUSTOM_KEYS,
});

export const questionKey = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be a lower case name such as order_number');
const ANSWERS = 20;
/** Bounded above what any question takes, so that the refusal names the question. */
export const givenAnswers = z
  .record(questionKey, z.union([z.string().max(10_000), z.boolean()]))
  .refine((given) => Object.keys(given).length <= ANSWERS, `must have ${ANSWERS} keys at most`)
  .meta({
    description: 'To the desk’s questions, by their keys; `true` for a box that is ticked.',
    maxProperties: ANSWERS,
  });

/** Name of the department that the visitor asks for; rules decide what becomes of the wish. */
export const chosenDepartment = line(100);

export const email = z.email().max(320);

export const visitorFields = {
  nick: line(100).optional(),
  email: email.optional(),
  language: languageTag.optional(),
  page: page.optional(),
  custom: custom.optional(),
};

interface VisitorFields {
  nick?: string | undefined;
  email?: string | undefined;
  language?: string | undefined;
  page?: z.output<typeof page> | undefined;
  custom?: z.output<typeof custom> | undefined;
}

/**
 * Query strings of pages often hold personal data, and fragments are the page's own business: only the path is kept. Letters beyond ASCII are written in
 * percent there, which makes it longer than it came.
 */
function withoutQuery(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return host === '' ? url : cut(`${protocol}//${host}${pathname}`, ADDRESS_LENGTH);
}

export function detailsOf(fields: VisitorFields, userAgent: string): VisitorDetails {
  return {
    nick: fields.nick === '' ? undefined : fields.nick,
    email: fields.email,
    language: fields.language?.toLowerCase(),
    pageUrl: fields.page && withoutQuery(fields.page.url),
    pageTitle: fields.page?.title,
    referrer:
      fields.page?.referrer === undefined || fields.page.referrer === ''
        ? undefined
        : withoutQuery(fields.page.referrer),
    custom: fields.custom,
    userAgent: userAgent.slice(0, 500).replace(/[^\x20-\x7e]/g, '') || undefined,
  };
}
