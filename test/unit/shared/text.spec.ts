import { expect } from 'chai';
import fc from 'fast-check';
import { cleanLine, cleanText, cut, escapeControls } from '../../../bridge/shared/text.js';
import { HOSTILE } from '../../support/hostile-texts.js';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('cleaning a message', () => {
  for (const { name, text, message } of HOSTILE) it(name, () => expect(cleanText(text)).to.equal(message));

  it('changes nothing the second time, and leaves only what XML 1.0 can carry', () => {
    const usable = /^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).to.equal(clean);
        expect(usable.test(clean)).to.equal(true);
      }),
    );
  });
});

describe('cleaning a line', () => {
  for (const { name, text, line } of HOSTILE) it(name, () => expect(cleanLine(text)).to.equal(line));

  it('changes nothing the second time, and leaves nothing that acts on what is around it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanLine(text);
        expect(cleanLine(clean)).to.equal(clean);
        expect(clean).to.match(/^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\p{Cs}]*$/u);
      }),
    );
  });
});

describe('cutting a text', () => {
  it('keeps what fits, and never half a character', () => {
    expect(cut('abc', 3)).to.equal('abc');
    expect(cut('abcd', 3)).to.equal('abc');
    expect(cut('ab😀', 4)).to.equal('ab😀');
    expect(cut('ab😀c', 3)).to.equal('ab');
  });
});

describe('a text on a terminal', () => {
  it('commands nothing, and is otherwise as it was', () => {
    expect(escapeControls('a\u001b[2Jb\u009b31m\u0007\r\u202ec')).to.equal(
      'a\\u001b[2Jb\\u009b31m\\u0007\\u000d\\u202ec',
    );
    expect(escapeControls('“ä”\t😀 👩‍👧\nb')).to.equal('“ä”\t😀 👩‍👧\nb');
  });

  it('stays the same JSON', () => {
    fc.assert(fc.property(anyText, (text) => JSON.parse(escapeControls(JSON.stringify(text))) === text));
  });
});
