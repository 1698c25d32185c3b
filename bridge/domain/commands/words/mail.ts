import { FoyerError } from '../../../shared/errors.js';
import { mailTranscript } from '../../mail/request-mail.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'mail',
  usage: '[number] [address]',
  help: 'help_mail',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    if (tx.mail.rules === null) return { key: 'mail_disabled' };
    const chosen = await chooseChat(call, 'mail', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    const values = { number: chat.number };
    if (chat.instanceId !== operator.instanceId) return { key: 'no_such_chat', values };
    const to = rest === '' ? (await tx.visitors.peek(chat.visitorId))?.email : rest;
    if (to == null) return { key: 'mail_usage' };
    try {
      await mailTranscript(tx, chat, { to, senderKey: `x:${tx.newId()}` });
    } catch (error) {
      if (!(error instanceof FoyerError)) throw error;
      return error.code === 'invalid_request' ? { key: 'mail_no_address' } : { key: 'mail_refused', values };
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
