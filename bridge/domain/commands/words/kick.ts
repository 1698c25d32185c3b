import { REASON_LENGTH } from '../../bans/ban.js';
import { kickOperator, putVisitorOut } from '../../rooms/put-out.js';
import { anyChat } from '../chat-argument.js';
import { chooseOccupant, nickArgument } from '../choose-occupant.js';
import { chooseRoom } from '../choose-room.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'kick',
  usage: '[number] nick [reason]',
  args: [
    anyChat,
    nickArgument,
    { name: 'reason', label: 'arg_reason', type: 'line', required: false, longest: REASON_LENGTH },
  ],
  help: 'help_kick',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseRoom(call, 'kick', 'kick');
    if ('text' in chosen) return chosen.text;
    const { room, chat } = chosen;
    const found = await chooseOccupant(call, room, chat, chosen.rest);
    if ('text' in found) return found.text;
    const { one, name, rest: reason } = found;
    const given = { actor: `operator:${operator.id}`, by: operator, reason };
    if (one.who === 'operator') await kickOperator(tx, room, one.operator, given);
    else if (chat) await putVisitorOut(tx, room, chat, given);
    return { key: 'put_out', values: { name } };
  },
};
