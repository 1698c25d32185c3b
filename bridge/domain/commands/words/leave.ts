import { leaveChat } from '../../supervision/watch.js';
import { joinedChat } from '../chat-argument.js';
import { withOthersChat } from '../others-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'leave',
  usage: '[number]',
  args: [joinedChat],
  help: 'help_leave',
  who: 'operators',
  run: (call) =>
    withOthersChat(call, 'leave', ['watched'], async (chat) => {
      await leaveChat(call.tx, chat, call.operator);
      return { key: 'left_chat', values: { number: chat.number } };
    }),
};
