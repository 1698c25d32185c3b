import type { Core } from '../compose.js';
import type { Instance } from '../domain/instances/instance.js';
import { createDepartment } from '../domain/instances/desks.js';
import { name as nameField } from '../inbound/helpdesk-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { CliError } from './exit-codes.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

export const departmentAdd = command({
  name: 'department add',
  summary: 'Makes a department: a queue with operators.',
  args: ['NAME'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const name = parsed('NAME', nameField(100), call.args[0]);
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      await core.transactions.alone(async (tx) => {
        const department = await createDepartment(tx, instanceId, name);
        tx.audit.add({
          instanceId,
          actor: CLI_ACTOR,
          action: 'department.create',
          subject: `department:${department.id}`,
          details: { name },
        });
      });
      say(call.io, `Department ${name} is there.`);
    }),
});

export const departmentList = command({
  name: 'department list',
  summary: 'Lists the departments with their operators.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const operators = new Map((await reads.operators(id)).map(({ operator }) => [operator.id, operator.name]));
      const items = (await reads.departments(id)).map(({ department, operatorIds }) => ({
        id: department.id,
        name: department.name,
        operators: operatorIds.flatMap((operatorId) => operators.get(operatorId) ?? []),
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'No department yet: foyer department add Support' });
    }),
});

/** Ids of departments by name. @throws CliError that lists those that there are */
export async function departmentIds(
  { pool, box }: Core,
  instance: Instance,
  names: readonly string[],
): Promise<number[]> {
  const departments = await createHelpdeskReads(pool, box).departments(instance.id);
  return names.map((wanted) => {
    const found = departments.find(({ department }) => department.name === wanted);
    if (found) return found.department.id;
    const known = departments.map(({ department }) => department.name);
    throw new CliError(
      `there is no department “${wanted}” (${known.length === 0 ? 'make one: foyer department add NAME' : `there are: ${known.join(', ')}`})`,
    );
  });
}
