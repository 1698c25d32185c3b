import { expect } from 'chai';
import fc from 'fast-check';
import { checkLimits, cleanText } from '../../../bridge/domain/chats/limits.js';
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

describe('cleaning a text', () => {
  for (const [name, text, clean] of [
    ['keeps tabs and newlines', 'a\tb\nc', 'a\tb\nc'],
    ['writes line breaks of Windows and old Macs as newlines', 'a\r\nb\rc', 'a\nb\nc'],
    ['drops control characters', 'a\u0000b\u0007c\u000bd\u001fe', 'abcde'],
    ['drops what XML can’t carry', 'a\ufffeb\uffffc', 'abc'],
    ['replaces halves of surrogate pairs', 'a\ud83db\ude00c', 'a\ufffdb\ufffdc'],
    ['keeps emoji and markup', '😀 <b>&amp;</b> ]]>', '😀 <b>&amp;</b> ]]>'],
  ] as const) {
    it(name, () => expect(cleanText(text)).to.equal(clean));
  }

  it('changes nothing the second time, and leaves only what XML 1.0 can carry', () => {
    const usable = /^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).to.equal(clean);
        expect(usable.test(clean)).to.equal(true);
      }),
    );
  });
});
