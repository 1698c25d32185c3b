import { unbanOperator } from '../../rooms/put-out.js';
import { refusal } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { nickArgument } from '../choose-occupant.js';
import { chooseRoom } from '../choose-room.js';
import type { Command } from '../command.js';
import { operatorNames, takeName } from '../parse-command.js';

export const command: Command = {
  word: 'unban',
  usage: '[number] operator',
  args: [anyChat, nickArgument],
  help: 'help_unban',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseRoom(call, 'unban', 'kick');
    if ('text' in chosen) return chosen.text;
    const { room, rest } = chosen;
    const colleagues = await tx.queue.operators(operator.instanceId);
    const found = takeName(
      rest,
      colleagues.flatMap((one) => operatorNames(one, one)),
    );
    const ban = found && (await tx.rooms.bans(room.id)).find(({ operatorId }) => operatorId === found.value.id);
    if (!ban) return refusal('not_in_room', { name: rest });
    await unbanOperator(tx, room, ban, `operator:${operator.id}`);
    return { key: 'may_come_back', values: { name: found.value.name } };
  },
};
