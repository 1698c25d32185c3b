import { z } from 'zod';
import type { Hours, Span } from '../../domain/hours/hours.js';
import { overlapOf, parseSpan, spanText } from '../../domain/hours/span-text.js';
import { dayOf, isTimeZone } from '../../domain/hours/zone-clock.js';
import { line } from '../visitor-api/inputs.js';

/** Hours as people and helpdesks write them: for the API and for the file of the command line. */

const SPANS_A_DAY = 24;
const EXCEPTIONS = 1000;
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const span = z
  .string()
  .max(20)
  .transform((text, ctx): Span => {
    const parsed = parseSpan(text);
    if (typeof parsed !== 'string') return parsed;
    ctx.addIssue({ code: 'custom', message: parsed });
    return z.NEVER;
  });

const spans = z
  .array(span)
  .max(SPANS_A_DAY)
  .superRefine((list, ctx) => {
    const overlap = overlapOf(list);
    if (overlap !== null) ctx.addIssue({ code: 'custom', message: overlap });
  });

const daySpans = spans.default([]).meta({ description: 'None: closed.' });

const exception = z.strictObject({
  date: z
    .string()
    .max(10)
    .refine((text) => dayOf(text) !== null, 'must be a date such as 2026-12-24'),
  name: line(100).optional(),
  open: spans.default([]).meta({ description: 'In place of the weekday’s spans; none: closed.' }),
});

export const hoursInput = z.strictObject({
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone of the IANA database, such as Europe/Berlin')
    .meta({ description: 'IANA name. The clock there decides, on days of its change too.' }),
  week: z
    .strictObject(Object.fromEntries(WEEKDAYS.map((day) => [day, daySpans])) as Record<Weekday, typeof daySpans>)
    .meta({
      description:
        'Spans of each day, such as `09:00-12:00`, `22:00-02:00` (into the next day) or `18:00-24:00`; the end itself is outside.',
    }),
  exceptions: z
    .array(exception)
    .max(EXCEPTIONS)
    .default([])
    .superRefine((list, ctx) => {
      const seen = new Set<string>();
      for (const [i, { date }] of list.entries()) {
        if (seen.has(date)) ctx.addIssue({ code: 'custom', message: `${date} is there already`, path: [i, 'date'] });
        seen.add(date);
      }
    })
    .meta({ description: 'Holidays and other days that are not as usual.' }),
});

type Weekday = (typeof WEEKDAYS)[number];

export const hoursShape = z
  .object({
    time_zone: z.string(),
    week: z.object(
      Object.fromEntries(WEEKDAYS.map((day) => [day, z.array(z.string())])) as Record<Weekday, z.ZodArray<z.ZodString>>,
    ),
    exceptions: z.array(z.object({ date: z.string(), name: z.string().optional(), open: z.array(z.string()) })),
  })
  .meta({ id: 'Hours' });

export function toHours({ time_zone: timeZone, week, exceptions }: z.output<typeof hoursInput>): Hours {
  return {
    timeZone,
    week: WEEKDAYS.map((day) => week[day]),
    exceptions: exceptions.map(({ date, name, open }) => ({ date, name: name ?? null, spans: open })),
  };
}

export function presentHours({ timeZone, week, exceptions }: Hours): z.infer<typeof hoursShape> {
  const days = WEEKDAYS.map((day, i) => [day, (week[i] ?? []).map(spanText)] as const);
  return {
    time_zone: timeZone,
    week: Object.fromEntries(days) as Record<Weekday, string[]>,
    exceptions: exceptions.map(({ date, name, spans }) => ({
      ...{ date, open: spans.map(spanText) },
      ...(name === null ? {} : { name }),
    })),
  };
}
