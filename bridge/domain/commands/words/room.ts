import { directOperator } from '../../rooms/direct-operator.js';
import { refusal } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'room',
  help: 'help_room',
  who: 'operators',
  async run({ tx, operator }) {
    await tx.queue.lock(operator.instanceId);
    let full = false;
    for (const id of await tx.operators.departments(operator.id)) {
      const pool = await tx.rooms.pool(id);
      const room = pool && (await directOperator(tx, pool, operator));
      if (room === 'full') full = true;
      else if (room) return { key: 'room_given', values: { title: room.title } };
    }
    return refusal(full ? 'rooms_full' : 'no_room_ready');
  },
};
