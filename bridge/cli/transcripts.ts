import { idNumber, instant } from '../inbound/helpdesk-api/inputs.js';
import type { Core } from '../compose.js';
import { normalTag } from '../domain/transcripts/annotations.js';
import { CSV_HEAD, chatCells, csvLine, transcriptText } from '../domain/transcripts/text-form.js';
import { readTranscript } from '../domain/transcripts/read-transcript.js';
import type { Transcript, TranscriptFilter, TranscriptView } from '../domain/transcripts/transcript.js';
import { createReads } from '../storage/reads.js';
import { createTranscriptReads } from '../storage/transcript-reads.js';
import { command, INSTANCE, JSON_OUT, type Values } from './command.js';
import { departmentIds } from './department.js';
import { UsageError } from './exit-codes.js';
import { put } from './io.js';
import { printItems } from './output.js';
import { count, parsed } from './parse.js';
import { instanceOf, withCore } from './with-core.js';

const PAGE = 200;

const WHICH = {
  text: { type: 'string', value: 'WORDS', text: 'words that were all said in the chat' },
  department: { type: 'string', value: 'NAME', text: 'chats of this department' },
  operator: { type: 'string', value: 'ID', text: 'chats of this operator' },
  visitor: { type: 'string', value: 'ID', text: 'chats of this visitor' },
  tag: { type: 'string', value: 'TAG', text: 'chats with this tag' },
  from: { type: 'string', value: 'TIME', text: 'begun at this time or later: 2026-11-25T00:00:00Z' },
  to: { type: 'string', value: 'TIME', text: 'begun before this time' },
  instance: INSTANCE,
} as const;

export const transcriptsSearch = command({
  name: 'transcripts',
  summary: 'Searches the record of chats, the newest first. Words are looked for in chats that are over.',
  options: { ...WHICH, limit: { type: 'string', value: 'N', text: 'so many at most (50)' }, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const limit = call.values.limit === undefined ? 50 : count('--limit', call.values.limit);
      const filter = { ...(await filterOf(core, call.values)), limit: Math.min(limit, 10_000) };
      const found = await createTranscriptReads(core.pool).search(id, filter);
      printItems(call.io, found.map(itemOf), { json: call.values.json, empty: 'No chat is like that.' });
    }),
});

export const transcriptsExport = command({
  name: 'transcripts export',
  summary: 'Writes chats to standard output, the newest first.',
  options: {
    ...WHICH,
    format: {
      type: 'string',
      value: 'FORMAT',
      text: 'csv (a line for each chat), text, or json (a line of JSON each)',
    },
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const write = WRITERS[(call.values.format ?? 'csv') as keyof typeof WRITERS];
      if (write === undefined) throw new UsageError('--format is csv, text or json');
      const filter = await filterOf(core, call.values);
      if (write.head !== '') call.io.stdout.write(write.head);
      const search = createTranscriptReads(core.pool);
      for (let before: number | undefined; ;) {
        const page = await search.search(id, { ...filter, before, limit: PAGE });
        for (const view of page) await put(call.io, await write.chat(core, view));
        before = page.at(-1)?.view.chat.id;
        if (page.length < PAGE) return;
      }
    }),
});

const WRITERS = {
  csv: { head: csvLine(CSV_HEAD), chat: async (_: Core, view: TranscriptView) => csvLine(chatCells(view)) },
  text: {
    head: '',
    chat: async (core: Core, view: TranscriptView) => `${transcriptText(await whole(core, view), true)}\n`,
  },
  json: {
    head: '',
    async chat(core: Core, found: TranscriptView) {
      const { view, tags, rating, notes, messages } = await whole(core, found);
      return `${JSON.stringify({ ...view, tags, rating, notes, messages })}\n`;
    },
  },
} as const;

function whole({ pool, clock }: Core, { view }: TranscriptView): Promise<Transcript> {
  return readTranscript(createReads(pool, clock), createTranscriptReads(pool), view);
}

async function filterOf(core: Core, values: Values<typeof WHICH>): Promise<Omit<TranscriptFilter, 'limit'>> {
  const instance = await instanceOf(core, values.instance);
  const id = (name: 'operator' | 'visitor') =>
    values[name] === undefined ? undefined : parsed(`--${name}`, idNumber, values[name]);
  const time = (name: 'from' | 'to') =>
    values[name] === undefined ? undefined : parsed(`--${name}`, instant, values[name]);
  const [departmentId] =
    values.department === undefined ? [] : await departmentIds(core, instance, [values.department]);
  return {
    ...{ text: values.text, departmentId, operatorId: id('operator'), visitorId: id('visitor') },
    ...{ from: time('from'), to: time('to'), tag: values.tag === undefined ? undefined : normalTag(values.tag) },
  };
}

function itemOf({ view, tags, rating }: TranscriptView) {
  const { chat, visitor, department, operator } = view;
  return {
    ...{ chat: chat.number, begun: chat.createdAt, state: chat.state, department: department?.name ?? null },
    ...{
      operator: operator?.name ?? null,
      visitor: visitor.nick ?? `Visitor ${visitor.id}`,
      messages: chat.lastNumber,
    },
    ...{ score: rating?.score ?? null, tags },
  };
}
