import { expect } from 'chai';
import { checkLimits } from '../../../bridge/domain/chats/limits.js';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import { FoyerError } from '../../../bridge/shared/errors.js';

const LIMITS = { messageBytes: 10, chatBytes: 25 };

function refusal(text: string, textBytes: number): string | null {
  try {
    checkLimits(LIMITS, { textBytes } as Chat, text);
    return null;
  } catch (error) {
    return (error as FoyerError).code;
  }
}

describe('limits of texts', () => {
  for (const [text, used, code] of [
    ['1234567890', 0, null],
    ['12345678901', 0, 'message_too_long'],
    ['€€€1', 0, null],
    ['€€€12', 0, 'message_too_long'],
    ['1234567890', 15, null],
    ['1234567890', 16, 'chat_full'],
    ['1', 25, 'chat_full'],
    ['12345678901', 25, 'message_too_long'],
  ] as const) {
    it(`${code === null ? 'take' : 'refuse'} “${text}” in a chat of ${used} bytes`, () =>
      expect(refusal(text, used)).to.equal(code));
  }
});
