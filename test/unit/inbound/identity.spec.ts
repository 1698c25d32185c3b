import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { verifyIdentity } from '../../../bridge/inbound/visitor-api/identity.js';
import { FoyerError } from '../../../bridge/shared/errors.js';

const SECRET = 'a-secret-of-the-site-that-is-long-enough';
const EARLIER = 'another-secret-of-the-site-that-is-long';
const NOW = new Date('2030-01-01T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const ANNA = { sub: '42', aud: 'main', exp: SECONDS + 600, name: 'Anna', email: 'anna@example.org' };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
function sign(claims: unknown, secret = SECRET, header: unknown = { alg: 'HS256' }, hash = 'sha256'): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

const verify = (token: string, goesOn = false, secrets: readonly string[] = [SECRET, EARLIER]) =>
  verifyIdentity(token, { secrets, audience: ['main', 'main/shop'], now: NOW, goesOn });

/** @returns the reason of the refusal, or `taken` */
async function refusal(token: string, goesOn = false): Promise<unknown> {
  try {
    await verify(token, goesOn);
    return 'taken';
  } catch (error) {
    expect(error).to.be.instanceOf(FoyerError);
    expect((error as FoyerError).code).to.equal('identity_invalid');
    return (error as FoyerError).details['reason'];
  }
}

describe('a site’s word on who its visitor is', () => {
  it('is taken from the present and the earlier secret, for the instance or the desk', async () => {
    const anna = {
      externalId: '42',
      nick: 'Anna',
      email: 'anna@example.org',
      custom: undefined,
      groups: [],
      fresh: true,
      bySession: false,
      mayChat: true,
    };
    expect(await verify(sign(ANNA))).to.deep.equal(anna);
    expect(await verify(sign(ANNA, EARLIER))).to.deep.equal(anna);
    expect(await verify(sign({ ...ANNA, aud: ['elsewhere', 'main/shop'] }))).to.deep.equal(anna);
    const bare = { sub: '42', aud: 'main', exp: SECONDS + 600, name: '', email: null, custom: { plan: 'gold' } };
    expect(await verify(sign(bare))).to.deep.include({ nick: null, email: null, custom: { plan: 'gold' } });
    expect(await verify(sign({ ...bare, groups: ['buyers'] }))).to.deep.include({ groups: ['buyers'] });
  });

  it('is refused when anything about it is wrong, and the reason is said', async () => {
    const none = `${part({ alg: 'none' })}.${part(ANNA)}.`;
    const { sub: _sub, ...nobody } = ANNA;
    const { exp: _exp, ...forever } = ANNA;
    const { aud: _aud, ...anywhere } = ANNA;
    const cases: [string, string][] = [
      [none, 'malformed'],
      [sign(ANNA, SECRET, { alg: 'none' }), 'malformed'],
      [sign(ANNA, SECRET, { alg: 'HS512' }, 'sha512'), 'malformed'],
      [sign(ANNA, SECRET, { alg: 'HS256', crit: ['b64'], b64: false }), 'malformed'],
      [sign(ANNA, 'not-the-secret-of-this-instance-at-all'), 'signature'],
      [sign(ANNA, ''), 'signature'],
      [`${part({ alg: 'HS256' })}.${part({ ...ANNA, sub: '1' })}.${sign(ANNA).split('.')[2]}`, 'signature'],
      [sign({ ...ANNA, aud: 'other' }), 'audience'],
      [sign({ ...ANNA, aud: 'main/other' }), 'audience'],
      [sign(anywhere), 'audience'],
      [sign(nobody), 'malformed'],
      [sign(forever), 'malformed'],
      [sign({ ...ANNA, exp: SECONDS - 61 }), 'expired'],
      [sign({ ...ANNA, exp: SECONDS + 25 * 3600 }), 'expires_late'],
      [sign({ ...ANNA, exp: '2030-01-01' }), 'malformed'],
      [sign({ ...ANNA, nbf: SECONDS + 600 }), 'malformed'],
      [sign({ ...ANNA, sub: 42 }), 'claims'],
      [sign({ ...ANNA, sub: '' }), 'claims'],
      [sign({ ...ANNA, sub: 'x'.repeat(191) }), 'claims'],
      [sign({ ...ANNA, email: 'not an address' }), 'claims'],
      [sign({ ...ANNA, custom: { plan: 1 } }), 'claims'],
      [sign({ ...ANNA, permissions: 'chat' }), 'claims'],
      ['', 'malformed'],
    ];
    for (const [token, reason] of cases) expect(await refusal(token), token).to.equal(reason);
    let off: unknown;
    await verify(sign(ANNA), false, []).catch((error: unknown) => (off = error));
    expect((off as FoyerError).details).to.deep.equal({ reason: 'off' });
  });

  it('lets a browser go on that was let in by it, when it is too old by now', async () => {
    const old = sign({ ...ANNA, exp: SECONDS - 3600 });
    expect(await verify(old, true)).to.deep.include({ externalId: '42', fresh: false });
    expect(await refusal(sign({ ...ANNA, exp: SECONDS - 25 * 3600 }), true)).to.equal('expired');
    expect(await refusal(sign(ANNA, 'not-the-secret-of-this-instance-at-all'), true)).to.equal('signature');
  });

  it('can’t be changed in any byte, nor made up', async () => {
    const good = sign(ANNA);
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom(...'ABCabc019-_.=+/ \u0000é'))
      .map(([at, char]) => good.slice(0, at) + char + good.slice(at + 1))
      .filter((token) => !sameBytes(token, good));
    const anything = fc.oneof(
      fc.string(),
      fc.tuple(fc.json(), fc.json(), fc.base64String()).map(([a, b, c]) => `${btoa8(a)}.${btoa8(b)}.${c}`),
      fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'jwk', 'x5c', 'b64'), fc.jsonValue()).map((header) => {
        return `${part(header)}.${part(ANNA)}.`;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, anything), async (token) => {
        expect(await refusal(token)).not.to.equal('taken');
      }),
      { numRuns: 500 },
    );
  });

  it('says nothing else than a refusal, whatever is signed', async () => {
    const claims = fc.record(
      {
        ...{ sub: fc.jsonValue(), aud: fc.constantFrom<unknown>('main', ['main'], 1, null, {}), exp: fc.jsonValue() },
        ...{ name: fc.jsonValue(), email: fc.jsonValue(), custom: fc.jsonValue() },
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(claims, fc.jsonValue()), async (payload) => {
        await refusal(sign(payload));
      }),
      { numRuns: 500 },
    );
  });
});

const btoa8 = (text: string) => Buffer.from(text).toString('base64url');
/** The last character of base64url has bits that nobody reads. */
const sameBytes = (one: string, other: string) =>
  one === other ||
  (one.slice(0, -1) === other.slice(0, -1) &&
    Buffer.from(one.split('.')[2] ?? '', 'base64url').equals(Buffer.from(other.split('.')[2] ?? '', 'base64url')));
