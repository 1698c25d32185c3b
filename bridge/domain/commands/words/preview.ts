import { changeOperator, lockOperator } from '../../operators/change-operator.js';
import { refusal } from '../../texts/say.js';
import type { Call, Command } from '../command.js';

export const command: Command = {
  word: 'preview',
  usage: 'on|off',
  args: [
    {
      name: 'preview',
      label: 'arg_preview',
      type: 'choice',
      required: true,
      none: 'nothing',
      options: () =>
        Promise.resolve([
          { value: 'on', label: { key: 'preview_on' } },
          { value: 'off', label: { key: 'preview_off' } },
        ]),
    },
  ],
  help: 'help_preview',
  who: 'operators',
  async run(call) {
    const wanted = call.rest.toLowerCase();
    if (wanted !== 'on' && wanted !== 'off') return refusal('preview_usage');
    await setPreview(call, wanted === 'on');
    return { key: `preview_${wanted}` };
  },
};

async function setPreview({ tx, operator }: Call, preview: boolean): Promise<void> {
  await changeOperator(tx, await lockOperator(tx, operator.instanceId, operator.id), { preview });
  const ids = await tx.operators.openChats(operator.id);
  await tx.chats.lockMany(ids);
  for (const id of ids) {
    const chat = await tx.chats.lock(id);
    // The chat's pages read from it whether they are to say what is being typed.
    if (chat?.operatorId === operator.id && chat.state === 'active') tx.feed.append(chat, { kind: 'chat' });
  }
}
