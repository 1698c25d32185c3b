import { expect } from 'chai';
import fc from 'fast-check';
import { linkify } from '../../../bridge/widget/core/linkify.js';

const links = (text: string): string[] => linkify(text).flatMap(({ href }) => href ?? []);

describe('widget: links in messages', () => {
  it('makes links of http and https addresses', () => {
    expect(linkify('see https://example.org/a?b=1#c now')).to.deep.equal([
      { text: 'see ' },
      { text: 'https://example.org/a?b=1#c', href: 'https://example.org/a?b=1#c' },
      { text: ' now' },
    ]);
    expect(links('HTTP://EXAMPLE.ORG and http://[::1]:80/')).to.deep.equal(['http://example.org/', 'http://[::1]/']);
  });

  it('leaves the punctuation of the sentence outside', () => {
    const table: [string, string][] = [
      ['Is it https://example.org/a?', 'https://example.org/a'],
      ['(see https://example.org/a).', 'https://example.org/a'],
      ['https://en.example.org/wiki/A_(b)', 'https://en.example.org/wiki/A_(b)'],
      ['(https://en.example.org/wiki/A_(b))', 'https://en.example.org/wiki/A_(b)'],
      ['"https://example.org/"!', 'https://example.org/'],
      ['<https://example.org/x>', 'https://example.org/x'],
    ];
    for (const [text, link] of table) expect(links(text), text).to.deep.equal([link]);
  });

  it('makes no links of anything else', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://example.org',
      'mailto:a@b.c',
      'https://',
      'www.example.org',
    ])
      expect(links(text), text).to.deep.equal([]);
  });

  it('gives the text back unchanged, whatever it is', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('https://', 'http://a.b', ')', '(', '.', ' ', '\u202e', '<b>', '\n'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const segments = linkify(text);
        expect(segments.map((segment) => segment.text).join('')).to.equal(text);
        for (const { href } of segments) if (href) expect(href).to.match(/^https?:\/\//);
      }),
    );
  });
});
