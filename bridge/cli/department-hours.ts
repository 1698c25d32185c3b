import { isOpen, nextChange, type Hours } from '../domain/hours/hours.js';
import { WEEKDAYS, hoursInput, presentHours, toHours } from '../inbound/helpdesk-api/hours-shape.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { departmentIds } from './department.js';
import { UsageError } from './exit-codes.js';
import { say, type Io } from './io.js';
import { printJson } from './output.js';
import { readYaml } from './read-yaml.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

export const departmentHours = command({
  name: 'department hours',
  summary: 'Shows when a department takes chats, or sets it from a file.',
  details: `The file is YAML or JSON:

  time_zone: Europe/Berlin
  week:
    mon: ["09:00-12:00", "13:00-17:30"]
    fri: ["22:00-02:00"]          # until Saturday morning
    sun: ["18:00-24:00"]
  exceptions:
    - {date: 2026-12-25, name: Christmas}          # closed
    - {date: 2026-12-31, open: ["09:00-12:00"]}`,
  args: ['NAME'],
  options: {
    set: { type: 'string', value: 'FILE', text: 'take the hours from this file' },
    remove: { type: 'boolean', text: 'take chats at any time' },
    show: { type: 'boolean', text: 'show them, which it does anyway' },
    instance: INSTANCE,
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { io, values } = call;
      if ([values.set !== undefined, values.remove, values.show].filter(Boolean).length > 1)
        throw new UsageError('--set, --remove and --show don’t go together');
      const [name = ''] = call.args;
      const file = values.set === undefined ? undefined : toHours(readYaml(io, values.set, hoursInput));
      const instance = await instanceOf(core, values.instance);
      const [id = 0] = await departmentIds(core, instance, [name]);
      const now = core.clock.now();
      const hours = await core.transactions.alone(async (tx) => {
        if (file === undefined && values.remove !== true) return tx.hours.ofDepartment(id);
        await tx.hours.set(instance.id, id, file ?? null);
        const action = file ? 'department.hours' : 'department.hours_removed';
        tx.audit.add({ instanceId: instance.id, actor: CLI_ACTOR, action, subject: `department:${id}` });
        return file;
      });
      if (values.json === true) return printJson(io, hours === undefined ? null : presentHours(hours));
      if (hours === undefined) return say(io, `${name} takes chats at any time.`);
      print(io, name, hours, now);
    }),
});

function print(io: Io, name: string, hours: Hours, now: Date): void {
  const { time_zone: zone, week, exceptions } = presentHours(hours);
  const change = nextChange(hours, now);
  const until = change === null ? '' : ` until ${change.toISOString().slice(0, 16)}Z`;
  say(io, `${name} is ${isOpen(hours, now) ? 'open' : 'closed'}${until}.`);
  say(io, `Hours in ${zone}:`);
  for (const day of WEEKDAYS) say(io, `  ${day}  ${week[day].join(', ') || 'closed'}`);
  for (const { date, name: called, open } of exceptions)
    say(io, `  ${date}  ${open.join(', ') || 'closed'}${called === undefined ? '' : ` (${called})`}`);
}
