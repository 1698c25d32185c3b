import { expect } from 'chai';
import fc from 'fast-check';
import { readStyling, type Styled } from '../../../bridge/widget/text/styling.js';

/** As one would write it in HTML, to be read at a glance. */
function shown(text: string): string {
  const write = (part: Styled): string => {
    if (typeof part === 'string') return part;
    if ('tag' in part) return `<${part.tag}>${part.children.map(write).join('')}</${part.tag}>`;
    return part.href === undefined ? part.text : `<a>${part.text}</a>`;
  };
  return readStyling(text).map(write).join('');
}

describe('widget: marks in texts (XEP-0393)', () => {
  it('reads the spans of the specification', () => {
    const table: [string, string][] = [
      ['*strong*', '<strong>*strong*</strong>'],
      ['plain *strong* plain', 'plain <strong>*strong*</strong> plain'],
      ['*strong* plain *strong*', '<strong>*strong*</strong> plain <strong>*strong*</strong>'],
      ['*strong*plain*', '<strong>*strong*</strong>plain*'],
      ['* plain *strong*', '* plain <strong>*strong*</strong>'],
      [
        '_emphasized span containing *strong span*_',
        '<em>_emphasized span containing <strong>*strong span*</strong>_</em>',
      ],
      ['Everyone ~dis~likes cake.', 'Everyone <s>~dis~</s>likes cake.'],
      ['This is `monospace`', 'This is <code>`monospace`</code>'],
      ['This is `*monospace*`', 'This is <code>`*monospace*`</code>'],
      ['This is *`monospace and bold`*', 'This is <strong>*<code>`monospace and bold`</code>*</strong>'],
      [
        'The full title is _Twelfth Night, or What You Will_ but\n_most_ people shorten it.',
        'The full title is <em>_Twelfth Night, or What You Will_</em> but\n<em>_most_</em> people shorten it.',
      ],
    ];
    for (const [text, html] of table) expect(shown(text), text).to.equal(html);
  });

  it('leaves alone what is no mark', () => {
    for (const text of [
      ...[
        'not strong*',
        '*not strong',
        '*not \n strong*',
        '*not *strong',
        '**',
        '***',
        '****',
        '* *',
        '`` ``',
        '** a**',
      ],
      ...[
        '2*3*4',
        'snake_case_name',
        'a ~ b ~ c',
        '*strong *',
        'but there is no *formatting\nas spans* may not escape blocks.',
      ],
      ...['*\u2003wide space*', '*next line\u0085*'],
    ])
      expect(shown(text), text).to.equal(text);
  });

  it('opens a span behind another mark only where that opens too', () => {
    expect(shown('_*both*_')).to.equal('<em>_<strong>*both*</strong>_</em>');
    expect(shown('*_~all~_*')).to.equal('<strong>*<em>_<s>~all~</s>_</em>*</strong>');
    expect(shown('*a _b* c_')).to.equal('<strong>*a _b*</strong> c_');
    expect(shown('**a**')).to.equal('**a**');
  });

  it('reads the blocks of the specification', () => {
    const table: [string, string][] = [
      [
        '```ignored\n(println "Hello, world!")\n```\n\nplain',
        '<pre>```ignored\n(println "Hello, world!")</pre>\nplain',
      ],
      ['```\n*a*\n ```\n> b\n```', '<pre>*a*\n ```\n> b</pre>'],
      [
        '> ```\n> (println "Hello, world!")\n\nplaintext!',
        '<blockquote><pre>(println "Hello, world!")</pre></blockquote>\nplaintext!',
      ],
      [
        '> That that is, is.\n\nSaid the old hermit of Prague.',
        '<blockquote>That that is, is.</blockquote>\nSaid the old hermit of Prague.',
      ],
      [
        '>> That that is, is.\n> Said the old hermit of Prague.\n\nWho?',
        '<blockquote><blockquote>That that is, is.</blockquote>Said the old hermit of Prague.</blockquote>\nWho?',
      ],
      ['>  two\n>none', '<blockquote> two\nnone</blockquote>'],
      ['a > b\n > c', 'a > b\n > c'],
      ['one\n> *two*\nthree', 'one<blockquote><strong>*two*</strong></blockquote>three'],
      ['```never closed\ncode', '<pre>```never closed\ncode</pre>'],
      ['```one line```', '<pre>```one line```</pre>'],
    ];
    for (const [text, html] of table) expect(shown(text), text).to.equal(html);
  });

  it('makes links inside of marks, and none of code', () => {
    expect(shown('*see https://example.org/a_b.*')).to.equal('<strong>*see <a>https://example.org/a_b</a>.*</strong>');
    expect(shown('> https://example.org/')).to.equal('<blockquote><a>https://example.org/</a></blockquote>');
    expect(shown('`https://example.org/`')).to.equal('<code>`https://example.org/`</code>');
  });

  it('loses no letter but the marks of blocks, whatever the text is', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('*', '_', '~', '`', '```', '>', '\n', ' ', '\n```\n', '\n> ', '*a*', 'https://a.b/', '\u202e'),
    );
    const letters = (text: string) => text.replace(/[\n>`\s]/g, '');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(letters(shown(text).replace(/<\/?(?:strong|em|s|code|pre|blockquote|a)>/g, ''))).to.equal(letters(text));
      }),
    );
  });

  it('isn’t held up by a text made for that', () => {
    for (const unit of ['*a ', '_a *b ~c `d ', '>', '> ', '*', '`', '```\n', '*a* ', '> ```\n'])
      expect(JSON.stringify(readStyling(unit.repeat(30_000))).length).to.be.below(2_000_000);
    expect(readStyling(`https://example.org/${'(])'.repeat(30_000)}`).length).to.be.below(3);
  });
});
