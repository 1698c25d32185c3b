import { isOpen, type Chat } from '../chats/chat.js';
import { refusal, type Text } from '../texts/say.js';
import type { Call } from './command.js';
import { takeNumber } from './parse-command.js';

export type Chosen = { chat: Chat; rest: string } | { text: Text };

/**
 * The chat that a command is about: the one whose number was typed, that of the contact, or else the only one that it can be. Locked.
 * @param others ids of those that it can be where nothing says which
 */
export async function chooseChat(
  { tx, operator, chat, rest: typed }: Call,
  word: string,
  others: () => Promise<readonly number[]>,
): Promise<Chosen> {
  const { number, rest } = takeNumber(typed);
  if (number !== null) {
    const id = await tx.queue.chatByNumber(operator.instanceId, number);
    const found = id === undefined ? undefined : await tx.chats.lock(id);
    return found ? { chat: found, rest } : { text: refusal('no_such_chat', { number }) };
  }
  if (chat) return { chat, rest };
  const ids = await others();
  const only = ids.length === 1 ? await tx.chats.lock(ids[0] as number) : undefined;
  if (only) return { chat: only, rest };
  return { text: refusal(ids.length === 0 ? 'no_chat' : 'which_chat', { word }) };
}

/** The same for a chat that the operator must own. */
export async function chooseOwn(call: Call, word: string): Promise<Chosen> {
  const chosen = await chooseChat(call, word, () => call.tx.operators.openChats(call.operator.id));
  if ('text' in chosen) return chosen;
  const { number } = chosen.chat;
  if (!isOpen(chosen.chat)) return { text: refusal('chat_over', { number }) };
  return chosen.chat.operatorId === call.operator.id ? chosen : { text: refusal('not_your_chat', { number }) };
}
