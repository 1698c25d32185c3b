import { FoyerError } from '../../../shared/errors.js';
import { ADDRESS_LENGTH, redirectVisitor, type RedirectRefusal } from '../../chats/redirect.js';
import { refusal } from '../../texts/say.js';
import { ownChat } from '../chat-argument.js';
import { chooseOwn } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'redirect',
  usage: '[number] address',
  args: [ownChat, { name: 'address', label: 'arg_address', type: 'line', required: true, longest: ADDRESS_LENGTH }],
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
      if (error.code !== 'redirect_refused') return refusal('too_many', { number: chat.number });
      return refusal(`redirect_${error.details['reason'] as RedirectRefusal}`);
    }
  },
};
