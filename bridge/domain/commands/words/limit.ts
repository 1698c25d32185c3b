import { changeOperator, lockOperator } from '../../operators/change-operator.js';
import { refusal } from '../../texts/say.js';
import type { Command } from '../command.js';

const MOST = 1000;

export const command: Command = {
  word: 'limit',
  usage: 'n',
  args: [{ name: 'limit', label: 'arg_limit', type: 'line', required: true, longest: 4 }],
  help: 'help_limit',
  who: 'operators',
  async run({ tx, operator, rest }) {
    const wanted = /^\d{1,4}$/.test(rest) ? Number(rest) : 0;
    if (wanted < 1 || wanted > MOST) return refusal('limit_usage', { limit: operator.maxChats });
    await changeOperator(tx, await lockOperator(tx, operator.instanceId, operator.id), { maxChats: wanted });
    const most: number[] = [];
    for (const id of await tx.operators.departments(operator.id))
      most.push((await tx.queue.department(id)).maxPerOperator ?? MOST);
    const bound = most.length === 0 ? MOST : Math.max(...most);
    return bound < wanted
      ? { key: 'limit_bound', values: { limit: wanted, bound }, tone: 'warn' }
      : { key: 'limit_set', values: { limit: wanted } };
  },
};
