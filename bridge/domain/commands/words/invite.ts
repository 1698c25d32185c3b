import { inviteColleague } from '../../rooms/invite-colleague.js';
import { mayInRoom } from '../../rooms/rights.js';
import { refusal } from '../../texts/say.js';
import type { Asker, Option } from '../argument.js';
import { ownChat } from '../chat-argument.js';
import { chooseOwn } from '../choose-chat.js';
import type { Answer, Call, Command } from '../command.js';
import { operatorNames, takeName } from '../parse-command.js';

export const command: Command = {
  word: 'invite',
  usage: 'operator',
  args: [
    ownChat,
    { name: 'operator', label: 'arg_operator', type: 'choice', required: true, none: 'nobody_there', options: choices },
  ],
  help: 'help_invite',
  who: 'operators',
  run: invite,
};

async function invite(call: Call): Promise<Answer> {
  const { tx, operator } = call;
  const chosen = await chooseOwn(call, 'invite');
  if ('text' in chosen) return chosen.text;
  const { chat, rest } = chosen;
  const colleagues = await tx.queue.operators(operator.instanceId);
  const found = takeName(
    rest,
    colleagues.flatMap((one) => operatorNames(one, one)),
  );
  if (!found) return refusal('no_target', { name: rest });
  if (chat.state !== 'active') return refusal('not_begun', { number: chat.number });
  if (!(await mayInRoom(tx, chat, operator, 'invite'))) return refusal('no_right');
  const bar = await inviteColleague(tx, chat, operator, found.value);
  if (bar !== null) return refusal(bar, { name: found.value.name });
  return { key: 'invited', values: { name: found.value.name, number: chat.number } };
}

async function choices({ tx, operator }: Asker): Promise<Option[]> {
  return (await tx.queue.operators(operator.instanceId)).map(({ jid, name }) => ({ value: jid, label: name }));
}
