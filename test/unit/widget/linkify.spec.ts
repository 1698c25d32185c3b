import { expect } from 'chai';
import fc from 'fast-check';
import { linkify } from '../../../bridge/widget/text/linkify.js';

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

  it('makes links of mail addresses, and of nothing that would come with them', () => {
    expect(linkify('mailto:vera@example.org?bcc=all@example.org&body=x')).to.deep.equal([
      { text: 'mailto:vera@example.org', href: 'mailto:vera@example.org' },
      { text: '?bcc=all@example.org&body=x' },
    ]);
    expect(links('Write to mailto:Vera+shop@mail.example.org.')).to.deep.equal(['mailto:Vera+shop@mail.example.org']);
  });

  it('says where a link really goes when its letters may pass for others', () => {
    expect(linkify('https://аpple.example/')).to.deep.equal([
      { text: 'https://аpple.example/', href: 'https://xn--pple-43d.example/', host: 'xn--pple-43d.example' },
    ]);
    expect(linkify('https://xn--pple-43d.example/')[0]).not.to.have.property('host');
  });

  it('ends a link where the reading direction is turned, or something can’t be seen', () => {
    for (const hidden of ['\u202e', '\u2066', '\u200f', '\u200b', '\u2060', '\ufeff'])
      expect(links(`https://example.org/a${hidden}gpj.exe`)).to.deep.equal(['https://example.org/a']);
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
      'mailto:vera',
      'https://bank.example@evil.example/',
      'https://user:word@evil.example/',
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
        for (const { href } of segments) if (href) expect(href).to.match(/^(https?:\/\/|mailto:)/);
      }),
    );
  });
});
