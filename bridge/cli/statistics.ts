import { z } from 'zod';
import { instant } from '../inbound/helpdesk-api/inputs.js';
import { createStatisticsReads } from '../storage/statistics-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { instanceOf, withCore } from './with-core.js';

const LINES_AT_MOST = 10_000;
const WEEK_MS = 7 * 24 * 3_600_000;

export const statistics = command({
  name: 'statistics',
  summary: 'Shows how many chats there were, how long visitors waited and how they rated; times in seconds.',
  options: {
    by: { type: 'string', value: 'WHOM', text: 'department (default) or operator' },
    per: { type: 'string', value: 'SPAN', text: 'day (default) or hour, UTC' },
    from: { type: 'string', value: 'TIME', text: 'chats begun at this time or later; default: a week ago' },
    to: { type: 'string', value: 'TIME', text: 'chats begun before this time; default: now' },
    instance: INSTANCE,
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { by = 'department', per = 'day', from, to } = call.values;
      const { id } = await instanceOf(core, call.values.instance);
      const now = core.clock.now();
      const lines = await createStatisticsReads(core.pool).statistics(id, {
        by: parsed('--by', z.enum(['department', 'operator']), by),
        per: parsed('--per', z.enum(['hour', 'day']), per),
        from: from === undefined ? new Date(now.getTime() - WEEK_MS) : parsed('--from', instant, from),
        to: to === undefined ? now : parsed('--to', instant, to),
        limit: LINES_AT_MOST,
      });
      const items = lines.map((line) => ({
        ...{ at: line.at, [by]: line.name, chats: line.chats, answered: line.answered },
        ...{ abandoned: line.abandoned, missed: line.missed, wait: rounded(line.averageWait) },
        ...{ longest_wait: rounded(line.longestWait), first_answer: rounded(line.averageFirstAnswer) },
        ...{ handling: rounded(line.averageHandling), ratings: line.ratings, score: rounded(line.averageScore) },
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'No chats were begun then.' });
    }),
});

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
