import { declineChat } from '../../queue/decline.js';
import { declineRooms } from '../../rooms/direct-operator.js';
import { refusal } from '../../texts/say.js';
import { offeredChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'decline',
  aliases: ['cancel'],
  usage: '[number]',
  args: [offeredChat],
  help: 'help_decline',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    if (call.rest === '' && (await declineRooms(tx, operator)) > 0) return { key: 'room_declined' };
    const chosen = await chooseChat(call, 'decline', async () =>
      (await tx.queue.offersTo(operator.id)).map(({ chatId }) => chatId),
    );
    if ('text' in chosen) return chosen.text;
    const declined = await declineChat(tx, chosen.chat, operator);
    const values = { number: chosen.chat.number };
    return declined ? { key: 'declined', values } : refusal('not_offered', values);
  },
};
