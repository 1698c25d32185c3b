import { FoyerError } from '../../../shared/errors.js';
import { banVisitor, parseTerm, REASON_LENGTH, USUAL_SECONDS } from '../../bans/ban.js';
import { refusal } from '../../texts/say.js';
import { rosterName } from '../../visitors/visitor.js';
import { anyChat } from '../chat-argument.js';
import { chooseVisitor } from '../choose-visitor.js';
import type { Command } from '../command.js';
import { termArgument, USUAL_TERM } from '../term-argument.js';

export const command: Command = {
  word: 'block',
  usage: '[number] [30m|2h|7d|forever] [reason]',
  args: [
    anyChat,
    termArgument,
    { name: 'reason', label: 'arg_reason', type: 'line', required: false, longest: REASON_LENGTH },
  ],
  help: 'help_block',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseVisitor(call, 'block');
    if ('text' in chosen) return chosen.text;
    const { visitor, rest } = chosen;
    const [first = '', ...others] = rest.split(/\s+/);
    const typed = parseTerm(first);
    const term = typed === undefined ? USUAL_TERM : first.toLowerCase();
    const seconds = typed === undefined ? USUAL_SECONDS : typed;
    const reason = typed === undefined ? rest : others.join(' ');
    try {
      const actor = `operator:${operator.id}`;
      await banVisitor(tx, visitor, { deskId: null, seconds, reason, actor, by: 'operator' });
    } catch (error) {
      if (error instanceof FoyerError) return refusal('too_many_blocked');
      throw error;
    }
    const name = rosterName(visitor);
    return seconds === null ? { key: 'blocked_forever', values: { name } } : { key: 'blocked', values: { name, term } };
  },
};
