import { FoyerError } from '../../../shared/errors.js';
import { redirectVisitor, type RedirectRefusal } from '../../chats/redirect.js';
import { chooseOwn } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'redirect',
  usage: '[number] address',
  help: 'help_redirect',
  who: 'operators',
  async run(call) {
    const chosen = await chooseOwn(call, 'redirect');
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    try {
      const { url } = await redirectVisitor(call.tx, call.limits, chat, rest, call.operator.name);
      return { key: 'redirected', values: { number: chat.number, url } };
    } catch (error) {
      if (!(error instanceof FoyerError)) throw error;
      if (error.code !== 'redirect_refused') return { key: 'too_many', values: { number: chat.number } };
      return { key: `redirect_${error.details['reason'] as RedirectRefusal}` };
    }
  },
};
