import { changeReply, createReply, deleteReply, type CannedReply } from '../domain/canned-replies/canned-reply.js';
import { cannedReplyFields } from '../inbound/helpdesk-api/canned-replies.js';
import { languageTag } from '../inbound/visitor-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import type { Core } from '../compose.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { departmentIds } from './department.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const DEPARTMENT = { type: 'string', value: 'NAME', text: 'only for chats of this department; default: all' } as const;

export const cannedSet = command({
  name: 'canned set',
  summary: 'Makes or changes a canned reply, which operators send by !canned NAME.',
  details: '{nick}, {operator} and {page} stand for the visitor’s name, the operator’s, and the visitor’s page.',
  args: ['NAME'],
  options: {
    text: { type: 'string', value: 'TEXT', text: 'what the visitor reads' },
    language: {
      type: 'string',
      value: 'TAG',
      text: 'for visitors of this language only (de, pt-BR); an empty text takes it away',
    },
    department: DEPARTMENT,
    instance: INSTANCE,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { text, language, department } = call.values;
      const name = parsed('NAME', cannedReplyFields.name, call.args[0]);
      if (text === undefined) throw new UsageError('--text is missing');
      const given = text === '' && language !== undefined ? '' : parsed('--text', cannedReplyFields.text, text);
      const tag = language === undefined ? undefined : parsed('--language', languageTag, language).toLowerCase();
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      const { departmentId, reply } = await find(core, call.values.instance, name, department);
      await core.transactions.alone(async (tx) => {
        if (!reply && tag !== undefined) throw new CliError(`make the reply first, without --language: ${name}`);
        const fields = { name, departmentId, text: given, translations: {} };
        const translations = tag === undefined ? undefined : translated(reply?.translations ?? {}, tag, given);
        const change = translations === undefined ? { text: given } : { translations };
        const kept = reply
          ? await changeReply(tx, instanceId, reply.id, change)
          : await createReply(tx, instanceId, fields);
        tx.audit.add({
          ...{ instanceId, actor: CLI_ACTOR, action: reply ? 'canned_reply.change' : 'canned_reply.create' },
          ...{ subject: `canned_reply:${kept.id}`, details: { name: kept.name } },
        });
      });
      say(call.io, `Operators can type !canned ${name.toLowerCase()}.`);
    }),
});

export const cannedRemove = command({
  name: 'canned remove',
  summary: 'Removes a canned reply.',
  args: ['NAME'],
  options: { department: DEPARTMENT, instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      const { reply } = await find(core, call.values.instance, name, call.values.department);
      if (!reply) throw new CliError(`there is no canned reply “${name}”`);
      await core.transactions.alone(async (tx) => {
        await deleteReply(tx, instanceId, reply.id);
        tx.audit.add({
          ...{ instanceId, actor: CLI_ACTOR, action: 'canned_reply.delete', subject: `canned_reply:${reply.id}` },
        });
      });
      say(call.io, `The canned reply ${name} is gone.`);
    }),
});

export const cannedList = command({
  name: 'canned list',
  summary: 'Lists the canned replies.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const names = new Map((await reads.departments(id)).map(({ department }) => [department.id, department.name]));
      const items = (await reads.cannedReplies(id)).map(({ name, departmentId, text, translations }) => ({
        name,
        department: departmentId === null ? null : (names.get(departmentId) ?? null),
        languages: Object.keys(translations),
        text,
      }));
      printItems(call.io, items, {
        json: call.values.json,
        empty: 'No canned reply yet: foyer canned set NAME --text TEXT',
      });
    }),
});

async function find(
  core: Core,
  instanceName: string | undefined,
  name: string,
  department: string | undefined,
): Promise<{ departmentId: number | null; reply: CannedReply | undefined }> {
  const instance = await instanceOf(core, instanceName);
  const [departmentId = null] = department === undefined ? [] : await departmentIds(core, instance, [department]);
  const all = await createHelpdeskReads(core.pool, core.box).cannedReplies(instance.id);
  const wanted = name.toLowerCase();
  return { departmentId, reply: all.find((one) => one.name === wanted && one.departmentId === departmentId) };
}

function translated(before: CannedReply['translations'], tag: string, text: string): CannedReply['translations'] {
  const { [tag]: _replaced, ...others } = before;
  return text === '' ? others : { ...others, [tag]: text };
}
