import type { Chat } from '../chats/chat.js';
import { refusal, type Text } from '../texts/say.js';
import type { Visitor } from '../visitors/visitor.js';
import { chooseChat } from './choose-chat.js';
import type { Call } from './command.js';
import { takeNumber } from './parse-command.js';

export type ChosenVisitor = { visitor: Visitor; chat: Chat | undefined; rest: string } | { text: Text };

/**
 * The visitor of the chat whose number was typed, of the contact, or of the operator's only chat; locked. A chat that somebody else has is that one's, and the
 * managers'.
 */
export async function chooseVisitor(call: Call, word: string): Promise<ChosenVisitor> {
  const { tx, operator, account, manager } = call;
  const here = account.kind !== 'service' && !call.chat && takeNumber(call.rest).number === null;
  const chosen = here
    ? { chat: undefined, rest: call.rest }
    : await chooseChat(call, word, () => tx.operators.openChats(operator.id));
  if ('text' in chosen) return chosen;
  const { chat, rest } = chosen;
  if (chat && chat.operatorId !== null && chat.operatorId !== operator.id && !manager)
    return { text: refusal('not_your_chat', { number: chat.number }) };
  const id = chat ? chat.visitorId : (await tx.visitors.byAccount(account.id))?.id;
  const visitor = id === undefined ? undefined : await tx.visitors.lock(id);
  return visitor?.instanceId === operator.instanceId ? { visitor, chat, rest } : { text: refusal('no_chat') };
}
