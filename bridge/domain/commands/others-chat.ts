import type { Chat } from '../chats/chat.js';
import { SupervisionError } from '../supervision/refused.js';
import { refusal, type Text } from '../texts/say.js';
import { chooseChat } from './choose-chat.js';
import type { Answer, Call } from './command.js';

/**
 * Does something with a chat that needn't be the operator's own.
 * @param kinds of chats that it can be where nothing says which
 */
export async function withOthersChat(
  call: Call,
  word: string,
  kinds: readonly ('own' | 'watched')[],
  act: (chat: Chat, rest: string) => Promise<Text>,
): Promise<Answer> {
  const { tx, operator } = call;
  const chosen = await chooseChat(call, word, async () => [
    ...(kinds.includes('own') ? await tx.operators.openChats(operator.id) : []),
    ...(kinds.includes('watched') ? await tx.supervision.watchedBy(operator.id) : []),
  ]);
  if ('text' in chosen) return chosen.text;
  const { chat, rest } = chosen;
  if (chat.instanceId !== operator.instanceId) return refusal('no_such_chat', { number: chat.number });
  try {
    return await act(chat, rest);
  } catch (error) {
    if (error instanceof SupervisionError) return { ...error.text, tone: 'error' };
    throw error;
  }
}
