import { changeOperator, lockOperator } from '../../operators/change-operator.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'resume',
  help: 'help_resume',
  who: 'operators',
  async run({ tx, operator }) {
    await changeOperator(tx, await lockOperator(tx, operator.instanceId, operator.id), { paused: false });
    return { key: 'resumed' };
  },
};
