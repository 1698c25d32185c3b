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
export function checkLimits(limits: ChatLimits, chat: Chat, text: string): void {
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

/** What may not stand in XML 1.0 (and so can't reach an operator), and lone surrogates. Line breaks become `\n`. */
const UNUSABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/** The text as the record keeps it: the same for every reader. */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(UNUSABLE, '').toWellFormed();
}
