import { cut } from '../../../shared/text.js';
import type { Chat } from '../../chats/chat.js';
import { answererOf } from '../../chats/notify-operator.js';
import type { Tx } from '../../ports.js';
import { visitorOf } from '../../queue/give.js';
import { supervisedBy } from '../../supervision/supervised-by.js';
import { watchersOf } from '../../supervision/watch.js';
import { say, type Text } from '../../texts/say.js';
import type { Command } from '../command.js';

/** More can't be read in a chat window. */
const LINES = 20;
const TEXT_LENGTH = 80;
const MINUTE = 60_000;

export const command: Command = {
  word: 'chats',
  help: 'help_chats',
  who: 'supervisors',
  async run({ tx, operator }) {
    const chats = await tx.supervision.liveChats([...(await supervisedBy(tx, operator)).keys()], LINES);
    const lines: Text[] = [];
    for (const chat of chats) lines.push(...(await linesOf(tx, chat, operator.language)));
    return lines.length === 0 ? { key: 'no_live_chats' } : [{ key: 'chats' }, ...lines];
  },
};

async function linesOf(tx: Tx, chat: Chat, language: string): Promise<Text[]> {
  const department = (await tx.queue.department(chat.departmentId)).name;
  const owner = (await answererOf(tx, chat)) ?? say(language, { key: 'nobody_yet' });
  const minutes = minutesSince(tx, chat.acceptedAt ?? chat.createdAt);
  const visitor = await visitorOf(tx, chat);
  const [last] = await tx.messages.list(chat.id, chat.lastNumber - 1, 1);
  const names = (await watchersOf(tx, chat)).map(({ name }) => name).join(', ');
  return [
    { key: 'chats_line', values: { number: chat.number, visitor, department, owner, minutes } },
    ...(last ? [said(tx, last)] : []),
    ...(names === '' ? [] : [{ key: 'chats_watched' as const, values: { names } }]),
  ];
}

function said(tx: Tx, { text, createdAt }: { text: string; createdAt: Date }): Text {
  const line = cut(text.replace(/\s*\n\s*/g, ' ⏎ '), TEXT_LENGTH);
  return { key: 'chats_said', values: { minutes: minutesSince(tx, createdAt), text: line } };
}

function minutesSince(tx: Tx, at: Date): number {
  return Math.max(0, Math.floor((tx.now.getTime() - at.getTime()) / MINUTE));
}
