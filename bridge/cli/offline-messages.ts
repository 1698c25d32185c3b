import { settleOfflineMessage } from '../domain/offline/settle.js';
import type { OfflineMessageView } from '../domain/helpdesk-reads.js';
import { CSV_HEAD, offlineCells, presentOfflineMessage } from '../inbound/helpdesk-api/offline-messages.js';
import { csvLine } from '../domain/transcripts/text-form.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT, type Values } from './command.js';
import type { Core } from '../compose.js';
import { departmentIds } from './department.js';
import { CliError, UsageError } from './exit-codes.js';
import { put, say } from './io.js';
import { printItems, printJson } from './output.js';
import { count } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const PAGE = 200;
const WHICH = {
  department: { type: 'string', value: 'NAME', text: 'only of this department' },
  all: { type: 'boolean', text: 'also those that are done' },
  instance: INSTANCE,
} as const;

export const offlineList = command({
  name: 'offline-messages list',
  summary: 'Lists what visitors left at closed desks and nobody has answered, the newest first.',
  options: { ...WHICH, limit: { type: 'string', value: 'N', text: 'so many at most (50)' }, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const limit = call.values.limit === undefined ? 50 : Math.min(10_000, count('--limit', call.values.limit));
      const items: ReturnType<typeof itemOf>[] = [];
      for await (const view of messages(core, call.values)) if (items.push(itemOf(view)) === limit) break;
      printItems(call.io, items, { json: call.values.json, empty: 'No messages.' });
    }),
});

export const offlineShow = command({
  name: 'offline-messages show',
  summary: 'Shows a message that a visitor left.',
  args: ['ID'],
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const instance = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const [view] = await reads.offlineMessages(instance.id, { before: id + 1, limit: 1 });
      if (view?.message.id !== id) throw new CliError(`there is no message ${id}`);
      if (call.values.json === true) return printJson(call.io, presentOfflineMessage(view));
      const { text, ...head } = presentOfflineMessage(view);
      const { name, email, page_url: page, language, desk, department, created_at: at, done_at: done } = head;
      for (const [what, value] of Object.entries({
        from: `${name} <${email}>`,
        at,
        desk,
        department: department?.name,
        page,
        language,
        done,
      }))
        say(call.io, `${what}: ${(value ?? '-').replace(/\p{Cc}/gu, ' ')}`);
      say(call.io, `\n${text.replace(/[^\P{Cc}\n]/gu, ' ')}`);
    }),
});

export const offlineDone = command({
  name: 'offline-messages done',
  summary: 'Marks a message as answered; with --not as unanswered again.',
  args: ['ID'],
  options: { not: { type: 'boolean', text: 'nobody has answered it after all' }, instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const instance = await instanceOf(core, call.values.instance);
      const done = call.values.not !== true;
      await core.transactions.alone((tx) => settleOfflineMessage(tx, instance.id, id, { done, actor: CLI_ACTOR }));
      say(call.io, `Message ${id} is ${done ? 'done' : 'open again'}.`);
    }),
});

export const offlineExport = command({
  name: 'offline-messages export',
  summary: 'Writes messages to standard output, the newest first.',
  options: { ...WHICH, format: { type: 'string', value: 'FORMAT', text: 'csv, or json (a line of JSON each)' } },
  run: (call) =>
    withCore(call, async (core) => {
      const { format = 'csv' } = call.values;
      if (format !== 'csv' && format !== 'json') throw new UsageError('--format is csv or json');
      if (format === 'csv') await put(call.io, csvLine(CSV_HEAD));
      for await (const view of messages(core, call.values))
        await put(
          call.io,
          format === 'csv' ? csvLine(offlineCells(view)) : `${JSON.stringify(presentOfflineMessage(view))}\n`,
        );
    }),
});

async function* messages(core: Core, values: Values<typeof WHICH>): AsyncGenerator<OfflineMessageView> {
  const instance = await instanceOf(core, values.instance);
  const [departmentId] =
    values.department === undefined ? [] : await departmentIds(core, instance, [values.department]);
  const reads = createHelpdeskReads(core.pool, core.box);
  for (let before: number | undefined; ;) {
    const filter = { departmentId, done: values.all === true ? undefined : false, before, limit: PAGE };
    const page = await reads.offlineMessages(instance.id, filter);
    yield* page;
    before = page.at(-1)?.message.id;
    if (page.length < PAGE) return;
  }
}

function itemOf({ message, deskKey, departmentName }: OfflineMessageView) {
  const { id, createdAt, name, email, text, doneAt } = message;
  return {
    ...{ id, left: createdAt, desk: deskKey, department: departmentName, name, email, done: doneAt !== null },
    text: text.length > 60 ? `${text.slice(0, 60)}…` : text,
  };
}
