import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseTerm } from '../../../bridge/domain/bans/ban.js';
import { isInNetwork, normalNetwork } from '../../../bridge/inbound/http/client-address.js';
import { clients } from '../../../bridge/inbound/visitor-api/clients.js';

const DAY = 86_400;
const bytes = (bits: number) => bits % 256;

describe('the term of a ban', () => {
  it('is a number and a unit, or for good', () => {
    expect(['30m', '2h', '7D', '2w', 'forever', 'FOREVER'].map(parseTerm)).to.deep.equal([
      1_800,
      7_200,
      7 * DAY,
      14 * DAY,
      null,
      null,
    ]);
    for (const text of ['', '0m', '7', 'd', '7 d', '-1d', '1.5h', '99999w', 'for ever', '7days'])
      expect(parseTerm(text), text).to.equal(undefined);
  });
});

describe('a range of addresses', () => {
  it('holds exactly the IPv4 addresses that begin with its bits, written as IPv4 or mapped', () => {
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const text = (n: number) => [24, 16, 8, 0].map((shift) => bytes(Math.floor(n / 2 ** shift))).join('.');
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), fc.boolean(), (a, b, bits, near) => {
        const other = near ? (a ^ (b % 4)) >>> 0 : b;
        const size = 2 ** (32 - bits);
        const same = Math.floor(a / size) === Math.floor(other / size);
        const network = normalNetwork(`${text(a)}/${bits}`) ?? '';
        expect(isInNetwork(text(other), network)).to.equal(same);
        expect(isInNetwork(`::ffff:${text(other)}`, network)).to.equal(same);
        expect(normalNetwork(`::ffff:${text(a)}/${bits + 96}`)).to.equal(network);
        expect(normalNetwork(network), 'its own form').to.equal(network);
      }),
    );
  });

  it('holds exactly the IPv6 addresses that begin with its bits, and no IPv4 ones', () => {
    // Beside ::ffff:0:0/96, which stands for IPv4.
    const address = fc.bigInt({ min: 1n << 100n, max: (1n << 128n) - 1n });
    const text = (n: bigint) =>
      Array.from({ length: 8 }, (_, i) => ((n >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 128 }), fc.boolean(), (a, b, bits, near) => {
        const other = near ? a ^ (b % 4n) : b;
        const rest = BigInt(128 - bits);
        const network = normalNetwork(`${text(a)}/${bits}`) ?? '';
        expect(isInNetwork(text(other), network)).to.equal(a >> rest === other >> rest);
        expect(isInNetwork('203.0.113.1', network)).to.equal(false);
      }),
    );
  });

  it('is refused where it is none, or could be read in two ways', () => {
    for (const text of [
      '',
      '/',
      'x',
      '10.1',
      '10.1/8',
      '0x7f.0.0.1',
      '010.0.0.1',
      '1.2.3.4/33',
      '1.2.3.4/',
      '1.2.3.4/-1',
      '::/129',
      '::1%eth0/64',
      '1.2.3.4/24/24',
      '::ffff:1.2.3.4/90',
    ])
      expect(normalNetwork(text), text).to.equal(null);
  });
});

describe('what the record may say of an address', () => {
  const [old, now] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

  it('is the same for the same one, an IPv6 /64 counting as one, and another under another key', () => {
    const client = clients([now]);
    const digest = (address: string, made = client) => made(address).digests[0].toString('hex');
    expect(digest('203.0.113.1')).to.equal(digest('::ffff:203.0.113.1'));
    expect(digest('2001:db8::1')).to.equal(digest('2001:db8::ffff:2'));
    expect(digest('2001:db8::1')).to.not.equal(digest('2001:db8:0:1::1'));
    expect(digest('203.0.113.1')).to.not.equal(digest('203.0.113.2'));
    expect(digest('203.0.113.1')).to.not.equal(digest('203.0.113.1', clients([old])));
  });

  it('is found after the key was changed', () => {
    const before = clients([old])('203.0.113.1').digests[0];
    expect(clients([now, old])('203.0.113.1').digests.some((one) => one.equals(before))).to.equal(true);
    expect(clients([now])('203.0.113.1').digests.some((one) => one.equals(before))).to.equal(false);
  });
});
