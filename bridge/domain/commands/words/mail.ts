import { FoyerError } from '../../../shared/errors.js';
import { mailTranscript } from '../../mail/request-mail.js';
import { refusal } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'mail',
  usage: '[number] [address]',
  args: [anyChat, { name: 'address', label: 'arg_mail', type: 'line', required: false, longest: 320 }],
  help: 'help_mail',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    if (tx.mail.rules === null) return refusal('mail_disabled');
    const chosen = await chooseChat(call, 'mail', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    const values = { number: chat.number };
    if (chat.instanceId !== operator.instanceId) return refusal('no_such_chat', values);
    const to = rest === '' ? (await tx.visitors.peek(chat.visitorId))?.email : rest;
    if (to == null) return refusal('mail_usage');
    try {
      await mailTranscript(tx, chat, { to, senderKey: `x:${tx.newId()}` });
    } catch (error) {
      if (!(error instanceof FoyerError)) throw error;
      return error.code === 'invalid_request' ? refusal('mail_no_address') : refusal('mail_refused', values);
    }
    tx.audit.add({
      ...{
        instanceId: chat.instanceId,
        actor: `operator:${operator.id}`,
        action: 'chat.mail',
        subject: `chat:${chat.id}`,
      },
    });
    return { key: 'mailed', values: { ...values, address: to } };
  },
};
