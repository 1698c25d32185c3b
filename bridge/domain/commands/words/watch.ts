import { watchChat } from '../../supervision/watch.js';
import { liveChat } from '../chat-argument.js';
import { withOthersChat } from '../others-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'watch',
  usage: 'number',
  args: [liveChat],
  help: 'help_watch',
  who: 'supervisors',
  run: (call) =>
    withOthersChat(call, 'watch', [], async (chat) => {
      await watchChat(call.tx, chat, call.operator);
      return { key: 'watching', values: { number: chat.number } };
    }),
};
