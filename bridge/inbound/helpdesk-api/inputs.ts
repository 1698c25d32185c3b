import { z } from 'zod';
import { SKILL, SKILLS } from '../../domain/operators/skills.js';
import { ADDRESS_LENGTH, isMailAddress } from '../../shared/mail-address.js';
import { deskKey, line, visitorFields } from '../visitor-api/inputs.js';

/** Field types that several calls of helpdesks share. */

export const idNumber = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const idParam = z.object({ id: idNumber.meta({ description: 'The id that an answer or callback named.' }) });
/** In bodies numbers are numbers. */
export const id = z.int().positive();

/** The helpdesk's own id of a visitor. Unique within the instance; kept as it is. */
export const externalId = z
  .string()
  .max(190)
  .refine(
    (text) => text !== '' && text === text.trim() && text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text),
    'must be 1 to 190 characters without control characters and spaces around',
  )
  .meta({ description: 'The helpdesk’s own id of the visitor.' });
export const externalIdParam = z.object({ external_id: externalId });

export const messageId = z
  .string()
  .regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 visible ASCII characters')
  .meta({ description: 'The helpdesk’s own id of the message: the same one again in this chat changes nothing.' });

/** Bounded far above the configured limit, so that the refusal names the limit. */
export const text = z.string().min(1).max(300_000);

/** What a helpdesk knows of a visitor. Absent fields stay as they are. */
export const visitorDetails = { ...visitorFields, user_agent: line(500).optional() };

export const waitQuery = z.strictObject({
  wait: z.enum(['true', 'false']).default('false').meta({
    description:
      'Answer only when the visitor’s account is ready on ejabberd, or after 10 s with the state that it has then.',
  }),
});

/** RFC 3339, in a query. */
export const instant = z.iso.datetime({ offset: true }).transform((value) => new Date(value));

export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);

/** One visible line that isn't empty. */
export const name = (most: number) => line(most).refine((value) => value !== '', 'must not be empty');

/** What mail can be sent to. */
export const mailAddress = z
  .string()
  .max(ADDRESS_LENGTH)
  .refine(isMailAddress, 'must be an e-mail address')
  .meta({ format: 'email' });

export const deskKeyField = deskKey.meta({ description: 'Key of the desk.' });

/** Scheme, host and port as browsers send them, or `*`. */
export const origin = z
  .string()
  .max(300)
  .refine((value) => value === '*' || isOrigin(value), 'must be an origin such as https://shop.example, or *');

function isOrigin(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

/** Skills of an operator, or that one must have. */
export const skillList = z
  .array(z.string().trim().toLowerCase().regex(SKILL, 'must be one word of up to 32 letters and digits'))
  .max(SKILLS)
  .refine((skills) => new Set(skills).size === skills.length, 'must each be there once')
  .meta({ description: 'What operators know about: words of the house’s own, such as `billing`.' });
