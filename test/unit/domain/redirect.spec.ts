import { expect } from 'chai';
import fc from 'fast-check';
import { checkRedirect, type RedirectPolicy } from '../../../bridge/domain/chats/redirect.js';

const SITE = 'https://shop.example';
const OTHER = 'https://help.shop.example:8443';
const PAGE = `${SITE}/pricing`;
const policy = (more: Partial<RedirectPolicy> = {}): RedirectPolicy => ({
  ...{ redirectTo: 'same_site', redirectHow: 'ask', allowedOrigins: [OTHER, 'https://b.example'] },
  ...more,
});

describe('where a visitor’s page may be sent', () => {
  it('is the site where the visitor is, and the desk’s own', () => {
    for (const [typed, url] of [
      [`${SITE}/cart?a=1#b`, `${SITE}/cart?a=1#b`],
      [' /cart ', `${SITE}/cart`],
      ['/', `${SITE}/`],
      ['HTTPS://SHOP.example', `${SITE}/`],
      [`${OTHER}/faq`, `${OTHER}/faq`],
      [`${SITE}:443/x`, `${SITE}/x`],
      [`${SITE}/a/../b`, `${SITE}/b`],
      [`${SITE}/ü`, `${SITE}/%C3%BC`],
    ] as const)
      expect(checkRedirect(policy(), PAGE, typed), typed).to.deep.equal({ url });
  });

  it('is nothing that isn’t an address of the web, that hides where it leads, or that carries a password', () => {
    for (const typed of [
      ...['', '/', 'cart', '//evil.example/', '///evil.example', '/\\evil.example', '\\\\evil.example', 'https:/evil'],
      ...[
        'javascript:alert(1)',
        'JaVaScRiPt:alert(1)',
        'java\nscript:alert(1)',
        'java\tscript:alert(1)',
        '\u0001javascript:x',
      ],
      ...[
        'data:text/html,<script>1</script>',
        'vbscript:x',
        'blob:https://shop.example/1',
        'file:///etc/passwd',
        'ftp://shop.example/',
      ],
      ...[
        'view-source:https://shop.example/',
        'about:blank',
        'mailto:a@shop.example',
        'intent://x#Intent;end',
        'ws://shop.example',
      ],
      ...[
        'https://user:pass@shop.example/',
        'https://user@shop.example/',
        'https://shop.example@evil.example/',
        'https://:x@shop.example/',
      ],
      ...[
        'https://',
        'https:///shop.example',
        'https://shop.example/a b',
        'https://shop.example/\u202egpj.exe',
        'https://[::1',
        'http://%zz/',
      ],
      ...[
        `https://shop.example/${'x'.repeat(2_000)}`,
        `/${'ü'.repeat(700)}`,
        'https:\\\\shop.example\\x',
        'https://shop.example\\.evil.example/',
      ],
    ].filter((text) => text !== '/'))
      expect(checkRedirect(policy({ redirectTo: 'any' }), PAGE, typed), typed).to.deep.equal({ refused: 'address' });
  });

  it('is no other site, however alike it looks', () => {
    for (const typed of [
      ...[
        'https://evil.example/',
        'http://shop.example/',
        'https://shop.example:8443/',
        'https://shop.example.evil.example/',
      ],
      ...[
        'https://evil.example/?https://shop.example/',
        'https://evil.example#@shop.example',
        'https://xn--shp-hoa.example/',
        'https://shоp.example/',
      ],
      ...[
        'https://b.example.evil.example/',
        'https://www.shop.example/',
        'https://help.shop.example/',
        'https://127.0.0.1/',
        'https://shop.example%2eevil.example/',
      ],
    ]) {
      expect(checkRedirect(policy(), PAGE, typed), typed).to.deep.equal({ refused: 'other_site' });
      expect(checkRedirect(policy({ redirectTo: 'any' }), PAGE, typed), typed).to.have.property('url');
    }
  });

  it('is only where the visitor is, at a desk of all sites', () => {
    const all = policy({ allowedOrigins: ['*'] });
    expect(checkRedirect(all, PAGE, `${SITE}/x`)).to.have.property('url');
    expect(checkRedirect(all, PAGE, `${OTHER}/x`)).to.deep.equal({ refused: 'other_site' });
    expect(checkRedirect(all, null, `${SITE}/x`)).to.deep.equal({ refused: 'other_site' });
    expect(checkRedirect(all, 'about:blank', '/x')).to.deep.equal({ refused: 'address' });
  });

  it('is nowhere, where the desk wants that', () => {
    expect(checkRedirect(policy({ redirectTo: 'off' }), PAGE, `${SITE}/`)).to.deep.equal({ refused: 'off' });
  });

  it('whatever is typed, is http or https, without a password, of an allowed site, and the same once more', () => {
    const part = fc.constantFrom(
      ...[
        'https:',
        'http:',
        'javascript:',
        'data:',
        '//',
        '/',
        '\\',
        '@',
        ':',
        '?',
        '#',
        '.',
        '%2f',
        '%00',
        '\t',
        '\n',
        ' ',
        '[::1]',
      ],
      ...['shop.example', 'evil.example', 'help.shop.example:8443', 'user', '\u0000', '\u202e', '。', 'ﾠ', '..'],
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
      fc.webUrl(),
      fc.string(),
    );
    const to = fc.constantFrom('same_site' as const, 'any' as const);
    let allowed = 0;
    fc.assert(
      fc.property(text, to, fc.constantFrom(PAGE, null, 'javascript:x', '//x'), (typed, redirectTo, page) => {
        const checked = checkRedirect(policy({ redirectTo }), page, typed);
        if (!('url' in checked)) return;
        allowed += 1;
        const url = new URL(checked.url);
        expect(url.protocol).to.match(/^https?:$/);
        expect(url.username + url.password).to.equal('');
        expect(checked.url).to.match(/^[\x21-\x7e]+$/);
        if (redirectTo === 'same_site') expect([SITE, OTHER, 'https://b.example']).to.include(url.origin);
        expect(checkRedirect(policy({ redirectTo }), page, checked.url)).to.deep.equal(checked);
      }),
      { numRuns: 5_000 },
    );
    expect(allowed).to.be.greaterThan(100);
  });
});
