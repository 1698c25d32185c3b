import { FoyerError } from '../../shared/errors.js';
import type { Chat } from './chat.js';
import { textBytes } from './message.js';

/** How much a chat may hold. Bytes are UTF-8. */
export interface ChatLimits {
  /** 30 KB by default. */
  messageBytes: number;
  /** 2 MB by default, over all messages of a chat. */
  chatBytes: number;
}

/** @throws FoyerError `message_too_long` | `chat_full` */
export function checkLimits(limits: ChatLimits, chat: Pick<Chat, 'textBytes'>, text: string): void {
  const bytes = textBytes(text);
  if (bytes > limits.messageBytes) {
    throw new FoyerError(
      'message_too_long',
      `The text has ${bytes} bytes; a message may have ${limits.messageBytes}.`,
      { limit: limits.messageBytes },
    );
  }
  if (chat.textBytes + bytes > limits.chatBytes) {
    throw new FoyerError('chat_full', `The chat has reached its limit of ${limits.chatBytes} bytes; begin another.`, {
      limit: limits.chatBytes,
    });
  }
}
