import { closeChat } from '../../chats/close-chat.js';
import { ownChat } from '../chat-argument.js';
import { chatFollowUp } from '../../chats/follow-up.js';
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
    const link = await chatFollowUp(call.tx, chosen.chat);
    return [
      { key: 'finished', values: { number: chosen.chat.number } },
      ...(link === null ? [] : [{ key: 'info_follow_up' as const, values: { value: link } }]),
    ];
  },
};
