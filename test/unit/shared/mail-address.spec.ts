import { expect } from 'chai';
import { isMailAddress } from '../../../bridge/shared/mail-address.js';

describe('an e-mail address', () => {
  it('is a dot-atom at a domain', () => {
    for (const address of [
      ...['a@b.example', "o'hara+shop@mail.b-c.example", 'A.B@XN--BCHER-KVA.example'],
      `${'a'.repeat(64)}@b.example`,
    ])
      expect(isMailAddress(address), address).to.equal(true);
  });

  it('is nothing that a header or a command could read otherwise', () => {
    for (const address of [
      ...[
        '',
        'a',
        '@b.example',
        'a@',
        'a@b',
        'a@b.c',
        'a@b..example',
        '.a@b.example',
        'a.@b.example',
        'a..b@c.example',
      ],
      ...[
        'a@b.example\n',
        'a@b.example\r\nBcc: c@d.example',
        ' a@b.example',
        'a b@c.example',
        'a@b.example,c@d.example',
      ],
      ...['<a@b.example>', 'Anna <a@b.example>', '"a"@b.example', 'a(x)@b.example', 'a@[127.0.0.1]', 'a@127.0.0.1'],
      ...['a@-b.example', 'a@b-.example', 'ä@b.example', 'a@bücher.example', 'a@b@c.example', 'a%00@b.example\0'],
      ...[`${'a'.repeat(65)}@b.example`, `a@${'b'.repeat(64)}.example`, `a@${'b.'.repeat(125)}example`],
    ])
      expect(isMailAddress(address), JSON.stringify(address)).to.equal(false);
  });
});
