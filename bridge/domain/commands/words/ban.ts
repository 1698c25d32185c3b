import { FoyerError } from '../../../shared/errors.js';
import { parseTerm, REASON_LENGTH, USUAL_SECONDS } from '../../bans/ban.js';
import { banOperator, putVisitorOut } from '../../rooms/put-out.js';
import { refusal } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { chooseOccupant, nickArgument } from '../choose-occupant.js';
import { chooseRoom } from '../choose-room.js';
import type { Command } from '../command.js';
import { termArgument, USUAL_TERM } from '../term-argument.js';

export const command: Command = {
  word: 'ban',
  usage: '[number] nick [30m|2h|7d|forever] [reason]',
  args: [
    anyChat,
    nickArgument,
    termArgument,
    { name: 'reason', label: 'arg_reason', type: 'line', required: false, longest: REASON_LENGTH },
  ],
  help: 'help_ban',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseRoom(call, 'ban', 'kick');
    if ('text' in chosen) return chosen.text;
    const { room, chat } = chosen;
    const found = await chooseOccupant(call, room, chat, chosen.rest);
    if ('text' in found) return found.text;
    const { one, name, rest } = found;
    const [first = '', ...others] = rest.split(/\s+/);
    const typed = parseTerm(first);
    const seconds = typed === undefined ? USUAL_SECONDS : typed;
    const reason = typed === undefined ? rest : others.join(' ');
    const given = { actor: `operator:${operator.id}`, by: operator, reason };
    try {
      if (one.who === 'operator') await banOperator(tx, room, one.operator, given, seconds);
      else if (chat) await putVisitorOut(tx, room, chat, given, { seconds });
    } catch (error) {
      if (error instanceof FoyerError) return refusal('too_many_blocked');
      throw error;
    }
    const term = typed === undefined ? USUAL_TERM : first.toLowerCase();
    return seconds === null
      ? { key: 'put_out_forever', values: { name } }
      : { key: 'put_out_for', values: { name, term } };
  },
};
