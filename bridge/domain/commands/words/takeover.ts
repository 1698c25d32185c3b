import { visitorOf } from '../../queue/give.js';
import { takeOver } from '../../supervision/take-over.js';
import { liveChat } from '../chat-argument.js';
import { withOthersChat } from '../others-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'takeover',
  usage: '[number]',
  args: [liveChat],
  help: 'help_takeover',
  who: 'supervisors',
  run: (call) =>
    withOthersChat(call, 'takeover', ['watched'], async (chat) => {
      await takeOver(call.tx, chat, call.operator);
      return { key: 'accepted', values: { number: chat.number, visitor: await visitorOf(call.tx, chat) } };
    }),
};
