import { managedBy } from '../../operators/departments-of.js';
import { refusal, type Text } from '../../texts/say.js';
import type { Answer, Call, Command } from '../command.js';

const OPENINGS = { open: 'open', close: 'closed', closed: 'closed', auto: 'auto' } as const;

export const command: Command = {
  word: 'queue',
  usage: 'open|close|auto',
  args: [
    {
      name: 'opening',
      label: 'arg_opening',
      type: 'choice',
      required: true,
      none: 'nothing',
      options: () =>
        Promise.resolve([
          { value: 'open', label: { key: 'opening_open' } },
          { value: 'close', label: { key: 'opening_closed' } },
          { value: 'auto', label: { key: 'opening_auto' } },
        ]),
    },
  ],
  help: 'help_queue',
  who: 'managers',
  run: setOpening,
};

/** Of all departments that the operator manages. */
async function setOpening({ tx, operator, rest }: Call): Promise<Answer> {
  const opening = OPENINGS[rest.toLowerCase() as keyof typeof OPENINGS] as 'open' | 'closed' | 'auto' | undefined;
  if (!opening) return refusal('queue_usage');
  const lines: Text[] = [];
  await tx.queue.lock(operator.instanceId);
  for (const id of await managedBy(tx, operator)) {
    const department = await tx.queue.department(id);
    await tx.desks.updateDepartment({ ...department, opening });
    tx.audit.add({
      instanceId: operator.instanceId,
      actor: `operator:${operator.id}`,
      action: 'department.change',
      subject: `department:${id}`,
      details: { opening },
    });
    lines.push({ key: `queue_${opening}`, values: { name: department.name } });
  }
  return lines.length === 0 ? refusal('no_department_yours') : lines;
}
