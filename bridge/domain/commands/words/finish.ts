import { closeChat } from '../../chats/close-chat.js';
import { ownChat } from '../chat-argument.js';
import { chooseOwn } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'finish',
  aliases: ['close'],
  usage: '[number]',
  args: [ownChat],
  help: 'help_finish',
  who: 'operators',
  async run(call) {
    const chosen = await chooseOwn(call, 'finish');
    if ('text' in chosen) return chosen.text;
    await closeChat(call.tx, chosen.chat, 'operator');
    return { key: 'finished', values: { number: chosen.chat.number } };
  },
};
