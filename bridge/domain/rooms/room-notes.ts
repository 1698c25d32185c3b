import type { Chat } from '../chats/chat.js';
import type { Tx } from '../ports.js';
import { say, type Text } from '../texts/say.js';

/** What happens in the room, on the page and in the record, in the visitor's language. The chat must be locked. */
export async function noteOnPage(tx: Tx, chat: Chat, note: Text): Promise<void> {
  const visitor = await tx.visitors.peek(chat.visitorId);
  tx.messages.append(chat, {
    ...{ sender: 'system', operatorId: null },
    text: say(visitor?.language ?? 'en', note),
    senderKey: `b:${tx.newId()}`,
  });
}
