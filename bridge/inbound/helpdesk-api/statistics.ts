import { z } from 'zod';
import { LONGEST_SPAN, type StatisticsLine } from '../../domain/statistics.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { instant } from './inputs.js';
import { departmentsOf, keyOf } from './own.js';

const LINES_AT_MOST = 10_000;
const HOUR_MS = 3_600_000;
const MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const;

const secondsShape = z.number().nullable();
const lineShape = z
  .object({
    at: time.meta({ description: 'When the hour or day began, UTC.' }),
    id: z.int().meta({ description: 'Of the department or operator.' }),
    name: z.string(),
    chats: z.int(),
    answered: z.int(),
    abandoned: z.int().meta({ description: 'The visitor left before anybody took the chat.' }),
    missed: z.int().meta({ description: 'Invitations that were never answered.' }),
    average_wait: secondsShape.meta({ description: 'Seconds until somebody took the chat.' }),
    longest_wait: secondsShape,
    average_first_answer: secondsShape.meta({ description: 'Seconds until an operator’s first word.' }),
    average_handling: secondsShape.meta({ description: 'Seconds from taking to the end.' }),
    ratings: z.int(),
    average_score: z.number().nullable(),
  })
  .meta({ id: 'StatisticsLine' });

export function statisticsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/statistics',
    operationId: 'getStatistics',
    summary: 'Figures of chats by department or operator, for each hour or day',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    query: z.strictObject({
      from: instant.meta({ description: 'Chats begun at this time or later.' }),
      to: instant.meta({ description: 'Chats begun before this time.' }),
      by: z.enum(['department', 'operator']).default('department'),
      per: z.enum(['hour', 'day']).default('day'),
    }),
    answers: {
      200: {
        description: `The oldest first; hours and days without a chat have no line. At most ${LINES_AT_MOST} lines.`,
        schema: z.object({ statistics: z.array(lineShape), more: z.boolean() }),
      },
    },
    handle: async (request) => {
      const { from, to, by, per } = request.query;
      if (to.getTime() - from.getTime() > LONGEST_SPAN[per] * MS[per])
        throw new FoyerError('invalid_request', `to: must be at most ${LONGEST_SPAN[per]} ${per}s after from`);
      const key = keyOf(request);
      const filter = { from, to, by, per, limit: LINES_AT_MOST + 1, departmentIds: departmentsOf(key) };
      const found = await deps.statisticsReads.statistics(key.instanceId, filter);
      return {
        status: 200,
        body: { statistics: found.slice(0, LINES_AT_MOST).map(presentLine), more: found.length > LINES_AT_MOST },
      };
    },
  });
}

/** Durations to the tenth of a second, scores to the hundredth. */
function presentLine(line: StatisticsLine): z.infer<typeof lineShape> {
  const rounded = (value: number | null, parts: number) => (value === null ? null : Math.round(value * parts) / parts);
  return {
    ...{ at: line.at.toISOString(), id: line.id, name: line.name, chats: line.chats, answered: line.answered },
    ...{ abandoned: line.abandoned, missed: line.missed, ratings: line.ratings },
    average_wait: rounded(line.averageWait, 10),
    longest_wait: rounded(line.longestWait, 10),
    average_first_answer: rounded(line.averageFirstAnswer, 10),
    average_handling: rounded(line.averageHandling, 10),
    average_score: rounded(line.averageScore, 100),
  };
}
