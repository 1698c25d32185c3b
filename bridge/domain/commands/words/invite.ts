import { inviteColleague } from '../../rooms/invite-colleague.js';
import { chooseOwn } from '../choose-chat.js';
import type { Command } from '../command.js';
import { takeName } from '../parse-command.js';
import { refusal } from '../../texts/say.js';

export const command: Command = {
  word: 'invite',
  usage: 'operator',
  help: 'help_invite',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseOwn(call, 'invite');
    if ('text' in chosen) return chosen.text;
    const colleagues = await tx.queue.operators(operator.instanceId);
    const found = takeName(
      chosen.rest,
      colleagues.flatMap((value) => [
        { name: value.name, value },
        { name: value.jid, value },
        { name: value.jid.slice(0, value.jid.indexOf('@')), value },
      ]),
    );
    if (!found) return refusal('no_target', { name: chosen.rest });
    if (chosen.chat.state !== 'active') return refusal('not_begun', { number: chosen.chat.number });
    await inviteColleague(tx, chosen.chat, operator, found.value);
    return { key: 'invited', values: { name: found.value.name, number: chosen.chat.number } };
  },
};
