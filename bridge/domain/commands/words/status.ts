import { visitorOf } from '../../queue/give.js';
import type { Text } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'status',
  help: 'help_status',
  who: 'operators',
  async run({ tx, operator }) {
    const lines: Text[] = [];
    for (const id of await tx.operators.openChats(operator.id)) {
      const chat = await tx.chats.lock(id);
      if (chat?.operatorId !== operator.id) continue;
      lines.push({ key: 'chat_line', values: { number: chat.number, visitor: await visitorOf(tx, chat) } });
    }
    const values = { load: lines.length, limit: operator.maxChats };
    const barred: Text[] = operator.approved ? [] : [{ key: 'not_approved' }];
    if (operator.offDuty) barred.push({ key: 'status_off_duty' });
    return [{ key: operator.paused ? 'status_paused' : 'status', values }, ...barred, ...lines];
  },
};
