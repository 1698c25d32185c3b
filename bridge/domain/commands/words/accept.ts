import { isOpen } from '../../chats/chat.js';
import { answererOf } from '../../chats/notify-operator.js';
import { takeChat } from '../../chats/take-chat.js';
import { visitorOf } from '../../queue/give.js';
import { roomOf, saidOf } from '../../queue/room.js';
import { acceptTransfer } from '../../queue/transfer.js';
import { refusal } from '../../texts/say.js';
import { offeredChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Answer, Call, Command } from '../command.js';

export const command: Command = {
  word: 'accept',
  aliases: ['take'],
  usage: '[number]',
  args: [offeredChat],
  help: 'help_accept',
  who: 'operators',
  run: accept,
};

async function accept(call: Call): Promise<Answer> {
  const { tx, operator } = call;
  const chosen = await chooseChat(call, 'accept', async () =>
    (await tx.queue.offersTo(operator.id)).map(({ chatId }) => chatId),
  );
  if ('text' in chosen) return chosen.text;
  const { chat } = chosen;
  const { number } = chat;
  if (chat.instanceId !== operator.instanceId) return refusal('no_such_chat', { number });
  if (!isOpen(chat)) return refusal('chat_over', { number });
  if (chat.operatorId === operator.id) return { key: 'yours_already', values: { number }, tone: 'warn' };
  if (chat.operatorId !== null || chat.heldBy !== null) {
    const transfer = await acceptTransfer(tx, chat, operator);
    if (transfer === null) return refusal('is_anothers', { number, name: (await answererOf(tx, chat)) ?? '' });
  }
  const room = await roomOf(tx, chat, operator);
  if (chat.operatorId === null && chat.heldBy === null && room.left) await takeChat(tx, chat, operator);
  return chat.operatorId === operator.id
    ? { key: 'accepted', values: { number, visitor: await visitorOf(tx, chat) } }
    : { ...saidOf(room, 'full'), tone: 'error' };
}
