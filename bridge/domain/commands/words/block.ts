import { FoyerError } from '../../../shared/errors.js';
import { banVisitor, parseTerm, REASON_LENGTH } from '../../bans/ban.js';
import { refusal } from '../../texts/say.js';
import { rosterName } from '../../visitors/visitor.js';
import { anyChat } from '../chat-argument.js';
import { chooseVisitor } from '../choose-visitor.js';
import type { Command } from '../command.js';

/** Where no term is typed. */
const USUAL = '1d';
/** Those that a form offers. */
const TERMS = ['30m', '2h', '1d', '7d', '30d', 'forever'];

export const command: Command = {
  word: 'block',
  usage: '[number] [30m|2h|7d|forever] [reason]',
  args: [
    anyChat,
    {
      ...{ name: 'term', label: 'arg_term', type: 'choice', required: false, none: 'nothing' },
      options: () => Promise.resolve(TERMS.map((value) => ({ value, label: value }))),
    },
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
    const term = typed === undefined ? USUAL : first.toLowerCase();
    const seconds = typed === undefined ? (parseTerm(USUAL) ?? null) : typed;
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
