import { declineChat } from '../../queue/decline.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'decline',
  aliases: ['cancel'],
  usage: '[number]',
  help: 'help_decline',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'decline', async () =>
      (await tx.queue.offersTo(operator.id)).map(({ chatId }) => chatId),
    );
    if ('text' in chosen) return chosen.text;
    const declined = await declineChat(tx, chosen.chat, operator);
    return { key: declined ? 'declined' : 'not_offered', values: { number: chosen.chat.number } };
  },
};
