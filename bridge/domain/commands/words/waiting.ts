import { visitorOf } from '../../queue/give.js';
import type { Text } from '../../texts/say.js';
import type { Command } from '../command.js';

/** More can't be read in a chat window. */
const LINES = 20;
const MINUTE = 60_000;

export const command: Command = {
  word: 'waiting',
  help: 'help_waiting',
  who: 'operators',
  async run({ tx, operator }) {
    const chats = await tx.queue.unowned(await tx.operators.departments(operator.id), LINES);
    const lines: Text[] = [];
    for (const chat of chats) {
      const minutes = Math.max(0, Math.floor((tx.now.getTime() - (chat.queuedAt ?? tx.now).getTime()) / MINUTE));
      const visitor = await visitorOf(tx, chat);
      lines.push({ key: 'waiting_line', values: { number: chat.number, visitor, minutes } });
    }
    return lines.length === 0 ? { key: 'nobody_waits' } : [{ key: 'waiting' }, ...lines];
  },
};
