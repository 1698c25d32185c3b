import { z } from 'zod';
import type { Core } from '../compose.js';
import type { Instance } from '../domain/instances/instance.js';
import type { Tx } from '../domain/ports.js';
import {
  checkedRules,
  explainInput,
  explainRouting,
  presentRule,
  ruleFields,
} from '../inbound/helpdesk-api/routing.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { departmentIds } from './department.js';
import { CliError, UsageError } from './exit-codes.js';
import { say, type Io } from './io.js';
import { printItems, printJson } from './output.js';
import { parsed } from './parse.js';
import { readYaml } from './read-yaml.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

/** As in the API, but that people know departments by their names. */
const fileShape = z.strictObject({
  rules: z.array(z.strictObject({ ...ruleFields, department: z.union([z.string(), ruleFields.department]) })).max(200),
});

const FILE = `The file is YAML or JSON; the first rule that holds decides:

  rules:
    - {name: German, when: {languages: [de]}, department: Support}
    - {name: Prices, when: {page: /pricing*}, department: Sales}`;

export const routingList = command({
  name: 'routing list',
  summary: 'Lists the rules that lead chats to departments, in their order.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const instance = await instanceOf(core, call.values.instance);
      const rules = await core.transactions.alone((tx) => tx.routing.rules(instance.id));
      const names = new Map(
        (await createHelpdeskReads(core.pool, core.box).departments(instance.id)).map(
          ({ department }) => [...[department.id, department.name]] as [number, string],
        ),
      );
      const items = rules.map(presentRule).map(({ name, when, department }) => ({
        ...{ name, when: JSON.stringify(when), department: names.get(department) ?? String(department) },
      }));
      printItems(call.io, items, {
        ...{ json: call.values.json, empty: 'No rules: each desk’s own department answers.' },
      });
    }),
});

export const routingSet = command({
  name: 'routing set',
  summary: 'Sets all rules from a file, in place of those before.',
  details: FILE,
  args: ['FILE'],
  options: { 'dry-run': { type: 'boolean', text: 'check the file and change nothing' }, instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const instance = await instanceOf(core, call.values.instance);
      const given = await readRules(core, instance, call.io, call.args[0] ?? '');
      const dry = call.values['dry-run'] === true;
      await core.transactions.alone(async (tx) => {
        const rules = await checkedRules(tx, instance.id, given);
        if (!dry) await replace(tx, instance.id, rules);
      });
      say(call.io, dry ? `The ${given.length} rules can be used.` : `${given.length} rules hold from now on.`);
    }),
});

export const routingRemove = command({
  name: 'routing remove',
  summary: 'Removes a rule; the others keep their order.',
  args: ['NAME'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const { id } = await instanceOf(core, call.values.instance);
      await core.transactions.alone(async (tx) => {
        await tx.queue.lock(id);
        const rules = await tx.routing.rules(id);
        const left = rules.filter((rule) => rule.name !== name);
        if (left.length === rules.length) throw new CliError(`there is no rule “${name}”`);
        await replace(tx, id, left);
      });
      say(call.io, `Rule ${name} is gone.`);
    }),
});

export const routingExplain = command({
  name: 'routing explain',
  summary: 'Says where a visitor would land now, and why. Changes nothing.',
  details: `With --rules it tries other rules than those that are set. ${FILE}`,
  args: ['DESK'],
  options: {
    language: { type: 'string', value: 'TAG', multiple: true, text: 'what the browser asks for; several times' },
    page: { type: 'string', value: 'URL', text: 'where the visitor is' },
    referrer: { type: 'string', value: 'URL', text: 'where the visitor came from' },
    metadata: { type: 'string', value: 'KEY=VALUE', multiple: true, text: 'what the site says; several times' },
    department: { type: 'string', value: 'NAME', text: 'the department that the visitor asks for' },
    rules: { type: 'string', value: 'FILE', text: 'try these rules' },
    instance: INSTANCE,
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { language, page, referrer, metadata = [], department, rules } = call.values;
      const instance = await instanceOf(core, call.values.instance);
      const input = parsed('DESK or an option', explainInput, {
        ...{ desk: call.args[0], languages: language, page, referrer, department },
        metadata: Object.fromEntries(metadata.map(pair)),
        rules: rules === undefined ? undefined : await readRules(core, instance, call.io, rules),
      });
      const found = await core.transactions.alone((tx) => explainRouting(tx, instance.id, input));
      if (call.values.json === true) return printJson(call.io, found);
      for (const { rule, holds, conditions } of found.steps) {
        say(call.io, `${holds ? 'holds' : 'fails'}  ${rule}`);
        for (const { on, wants, found: is, holds: one } of conditions)
          say(call.io, `       ${one ? 'yes' : 'no '} ${on}: wants ${wants}, is ${is ?? 'unknown'}`);
      }
      const why = found.rule === null ? 'no rule holds: the desk’s own department' : `by the rule ${found.rule}`;
      say(call.io, `${found.department.name} answers (${why}); it is ${found.open ? 'open' : 'closed'}.`);
    }),
});

async function replace(tx: Tx, instanceId: number, rules: Parameters<Tx['routing']['replace']>[1]): Promise<void> {
  await tx.routing.replace(instanceId, rules);
  tx.audit.add({
    ...{ instanceId, actor: CLI_ACTOR, action: 'routing.set', subject: 'routing' },
    details: { rules: rules.map(({ name }) => name) },
  });
}

async function readRules(core: Core, instance: Instance, io: Io, file: string) {
  const { rules } = readYaml(io, file, fileShape);
  const named = rules.flatMap(({ department }) => (typeof department === 'string' ? [department] : []));
  const ids = new Map((await departmentIds(core, instance, named)).map((id, i) => [named[i], id]));
  return rules.map((rule) => ({
    ...rule,
    department: typeof rule.department === 'string' ? (ids.get(rule.department) as number) : rule.department,
  }));
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError('--metadata is KEY=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}
