import type { Text } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'who',
  help: 'help_who',
  who: 'operators',
  async run({ tx, operator }) {
    const lines = new Map<number, Text>();
    for (const id of await tx.operators.departments(operator.id)) {
      const department = await tx.queue.department(id);
      for (const { operator: one, show, load } of await tx.queue.candidates(department))
        lines.set(one.id, { key: 'who_line', values: { name: one.name, show, load, limit: one.maxChats } });
    }
    return lines.size === 0 ? { key: 'nobody_there' } : [{ key: 'who' }, ...lines.values()];
  },
};
