import type { LookupAddress } from 'node:dns';
import { expect } from 'chai';
import { checkLiteral, guardedLookup, isPublicAddress } from '../../../bridge/outbound/helpdesk/address-guard.js';
import { readRetryAfter } from '../../../bridge/outbound/helpdesk/outcome.js';

describe('the guard of callback addresses', () => {
  const refused = [
    ...[
      '127.0.0.1',
      '127.255.0.9',
      '0.0.0.0',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...['192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'fd12:3456::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
    ],
    ...['not-an-address', ''],
  ];
  for (const address of refused)
    it(`refuses “${address}”`, () => void expect(isPublicAddress(address)).to.equal(false));

  for (const address of ['93.184.215.14', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1']) {
    it(`lets ${address} through`, () => void expect(isPublicAddress(address)).to.equal(true));
  }

  it('sees through other ways of writing an address', () => {
    for (const host of ['0x7f.1', '2130706433', '017700000001', '127.1', '[::ffff:7f00:1]']) {
      expect(() => checkLiteral(`https://${host}/`), host).to.throw('private or reserved');
    }
    expect(() => checkLiteral('https://shop.example/')).not.to.throw();
    expect(() => checkLiteral('https://1.1.1.1/')).not.to.throw();
  });

  it('gives the socket the addresses that it has checked, in the form that was asked for', () => {
    const found: LookupAddress[] = [
      { address: '93.184.215.14', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ];
    const lookup = guardedLookup((_name, options, answer) => {
      expect(options.all).to.equal(true);
      answer(null, found);
    });
    lookup('shop.example', { all: true }, (error, addresses) =>
      expect([error, addresses]).to.deep.equal([null, found]),
    );
    lookup('shop.example', {}, (error, address, family) =>
      expect([error, address, family]).to.deep.equal([null, '93.184.215.14', 4]),
    );
  });

  it('refuses a name that leads nowhere, and tells a failed lookup as it is', () => {
    guardedLookup((_name, _options, answer) => answer(null, []))('a.example', { all: true }, (error) =>
      expect(error).to.be.an('error'),
    );
    guardedLookup((_name, _options, answer) => answer(new Error('ENOTFOUND')))('a.example', {}, (error) =>
      expect(error?.message).to.equal('ENOTFOUND'),
    );
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-21T10:00:00Z');
  it('is read as seconds or as a date, a second at least and an hour at most', () => {
    expect(readRetryAfter('120', now)).to.equal(120_000);
    expect(readRetryAfter('Sat, 21 Nov 2026 10:00:30 GMT', now)).to.equal(30_000);
    expect(readRetryAfter('Sat, 21 Nov 2026 09:00:00 GMT', now)).to.equal(1_000);
    expect(readRetryAfter('0', now)).to.equal(1_000);
    expect(readRetryAfter('999999', now)).to.equal(3_600_000);
  });
  it('says nothing when it is absent or neither', () => {
    expect(readRetryAfter(undefined, now)).to.equal(undefined);
    expect(readRetryAfter('soon', now)).to.equal(undefined);
  });
});
