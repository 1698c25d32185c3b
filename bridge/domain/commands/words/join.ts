import { inviteColleague } from '../../rooms/invite-colleague.js';
import { mayInRoom } from '../../rooms/rights.js';
import { refusal } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'join',
  usage: 'number',
  args: [anyChat],
  help: 'help_join',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'join', () => Promise.resolve([]));
    if ('text' in chosen) return chosen.text;
    const { chat } = chosen;
    const { number } = chat;
    const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
    if (chat.state !== 'active' || !owner || chat.instanceId !== operator.instanceId)
      return refusal('not_begun', { number });
    if (!(await mayInRoom(tx, chat, operator, 'join'))) return refusal('no_right');
    const bar = await inviteColleague(tx, chat, owner, operator);
    return bar === null
      ? { key: 'invited', values: { name: operator.name, number } }
      : refusal(bar, { name: operator.name });
  },
};
