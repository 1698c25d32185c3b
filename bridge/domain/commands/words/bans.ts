import type { Text } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { chooseRoom } from '../choose-room.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'bans',
  usage: '[number]',
  args: [anyChat],
  help: 'help_bans',
  who: 'operators',
  async run(call) {
    const chosen = await chooseRoom(call, 'bans', 'kick');
    if ('text' in chosen) return chosen.text;
    const lines: Text[] = [];
    for (const { operatorId, reason, expiresAt } of await call.tx.rooms.bans(chosen.room.id)) {
      const name = (await call.tx.operators.get(operatorId))?.name ?? '';
      const until = expiresAt === null ? '' : `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
      lines.push({
        key: expiresAt === null ? 'room_ban_line_forever' : 'room_ban_line',
        values: { name, until, reason },
      });
    }
    return lines.length === 0 ? { key: 'nobody_banned' } : lines;
  },
};
