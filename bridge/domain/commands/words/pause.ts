import { changeOperator, lockOperator } from '../../operators/change-operator.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'pause',
  help: 'help_pause',
  who: 'operators',
  async run({ tx, operator }) {
    await changeOperator(tx, await lockOperator(tx, operator.instanceId, operator.id), { paused: true });
    return { key: 'paused' };
  },
};
