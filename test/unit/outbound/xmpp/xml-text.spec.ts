import { expect } from 'chai';
import fc from 'fast-check';
import { cleanName, cleanText } from '../../../../bridge/outbound/xmpp/xml-text.js';

/** XML 1.0's Char production, written once more. */
function isXmlChar(code: number): boolean {
  return (
    [0x9, 0xa, 0xd].includes(code) ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

describe('text for stanzas', () => {
  it('holds only what XML can hold, whatever comes in', () => {
    const anything = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 });
    fc.assert(
      fc.property(anything, (units) =>
        [...cleanText(String.fromCharCode(...units))].every((char) => isXmlChar(char.codePointAt(0) ?? 0)),
      ),
    );
  });

  it('is left alone where it is legal', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'grapheme' })
          .filter((text) => !text.includes('\r') && [...text].every((char) => isXmlChar(char.codePointAt(0) ?? 0))),
        (text) => cleanText(text) === text,
      ),
    );
  });

  for (const [what, input, output] of [
    ['control characters', 'a\u0000\u001Fb', 'a\uFFFD\uFFFDb'],
    ['lone surrogates', '\uD83D x \uDE00', '\uFFFD x \uFFFD'],
    ['whole surrogate pairs', '\uD83D\uDE00', '\uD83D\uDE00'],
    ['non-characters', '\uFFFE\uFFFF', '\uFFFD\uFFFD'],
    ['line ends', 'a\r\nb\rc\n', 'a\nb\nc\n'],
  ] as const) {
    it(`treats ${what} as it should`, () => expect(cleanText(input)).to.equal(output));
  }

  it('is one line and not too long as a name', () => {
    expect(cleanName('  Anna\r\n\tB\u2028C ')).to.equal('Anna B C');
    expect([...cleanName('\u{1F600}'.repeat(500))]).to.have.length(200);
  });
});
