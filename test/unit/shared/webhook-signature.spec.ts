import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TOLERANCE_SECONDS } from '../../../bridge/shared/clock-gap.js';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { checkWebhook, decodeSecret, signWebhook } from '../../../bridge/shared/webhook-signature.js';

interface Vector {
  name: string;
  secret: string;
  id: string;
  timestamp: number;
  body: string;
  signature: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/webhook-signatures.json', import.meta.url), 'utf8'),
) as Vector[];
const NOW = 1_795_000_000;
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;

function keyOf(secret: string): Buffer {
  const key = decodeSecret(secret);
  if (!key) throw new Error(`${secret} is no secret`);
  return key;
}

describe('webhook signatures', () => {
  for (const { name, secret, id, timestamp, body, signature } of vectors) {
    it(`signs and knows the vector “${name}”`, () => {
      const headers = signWebhook([keyOf(secret)], id, timestamp, Buffer.from(body));
      expect(headers).to.deep.equal({
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      });
      expect(checkWebhook([keyOf(secret)], headers, Buffer.from(body), timestamp)).to.equal(null);
    });
  }

  it('signs what the reference library accepts', () => {
    const now = Math.floor(Date.now() / 1000);
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{1,40}$/), fc.json(), (id, body) => {
        const headers = signWebhook([keyOf(OTHER), keyOf(SECRET)], id, now, Buffer.from(body));
        expect(() => new Webhook(SECRET).verify(body, { ...headers })).to.not.throw();
      }),
    );
  });

  it('accepts what the reference library signs', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{1,40}$/), fc.json(), (id, body) => {
        const signature = new Webhook(SECRET).sign(id, new Date(NOW * 1000), body);
        const headers = { 'webhook-id': id, 'webhook-timestamp': String(NOW), 'webhook-signature': signature };
        expect(checkWebhook([keyOf(SECRET)], headers, Buffer.from(body), NOW)).to.equal(null);
      }),
    );
  });

  describe('refuse', () => {
    const body = Buffer.from('{"text":"ü"}');
    const good = signWebhook([keyOf(SECRET)], 'msg_1', NOW, body);
    const check = (
      headers: Partial<Record<keyof typeof good, string | undefined>>,
      options: { body?: Buffer; now?: number; secrets?: string[] } = {},
    ) =>
      checkWebhook(
        (options.secrets ?? [SECRET]).map(keyOf),
        { ...good, ...headers },
        options.body ?? body,
        options.now ?? NOW,
      );

    it('nothing of the original', () => expect(check({})).to.equal(null));
    it('what came a little late or early', () => {
      expect(check({}, { now: NOW + TOLERANCE_SECONDS })).to.equal(null);
      expect(check({}, { now: NOW - TOLERANCE_SECONDS })).to.equal(null);
    });
    it('what is too old', () => expect(check({}, { now: NOW + TOLERANCE_SECONDS + 1 })).to.equal('too_old'));
    it('what is from the future', () => expect(check({}, { now: NOW - TOLERANCE_SECONDS - 1 })).to.equal('too_new'));
    it('another body', () => expect(check({}, { body: Buffer.from('{"text":"u"}') })).to.equal('mismatch'));
    it('the same JSON written in another way', () =>
      expect(check({}, { body: Buffer.from('{"text": "ü"}') })).to.equal('mismatch'));
    it('another id', () => expect(check({ 'webhook-id': 'msg_2' })).to.equal('mismatch'));
    it('another time', () => expect(check({ 'webhook-timestamp': String(NOW + 1) })).to.equal('mismatch'));
    it('a time that is no number', () => {
      for (const text of ['now', '1.5', '-1', '', '1e9', '9'.repeat(13)])
        expect(check({ 'webhook-timestamp': text }), text).to.be.oneOf(['malformed', 'missing']);
    });
    it('missing headers', () => {
      for (const name of Object.keys(good) as (keyof typeof good)[])
        expect(check({ [name]: undefined }), name).to.equal('missing');
    });
    it('another secret’s signature', () => expect(check({}, { secrets: [OTHER] })).to.equal('mismatch'));
    it('a signature of another version, or cut short', () => {
      const signature = good['webhook-signature'];
      for (const text of [
        signature.replace('v1,', 'v1a,'),
        signature.slice(3),
        signature.slice(0, -6),
        'v1,',
        'v1',
        ' ',
        'v1,!!!!',
      ]) {
        expect(check({ 'webhook-signature': text }), text).to.equal('mismatch');
      }
    });
    it('no signature among several that fits', () => {
      const wrong = signWebhook([keyOf(OTHER)], 'msg_1', NOW, body)['webhook-signature'];
      expect(check({ 'webhook-signature': `${wrong} ${wrong}` })).to.equal('mismatch');
    });
  });

  it('hold with either secret while both are known, on either side', () => {
    const body = Buffer.from('{}');
    const byBoth = signWebhook([keyOf(OTHER), keyOf(SECRET)], 'msg_1', NOW, body);
    for (const secrets of [[SECRET], [OTHER], [SECRET, OTHER]])
      expect(checkWebhook(secrets.map(keyOf), byBoth, body, NOW)).to.equal(null);
    const byOld = signWebhook([keyOf(SECRET)], 'msg_1', NOW, body);
    expect(checkWebhook([keyOf(OTHER), keyOf(SECRET)], byOld, body, NOW)).to.equal(null);
  });

  it('need secrets of 24 to 64 bytes in base64', () => {
    for (const bytes of [24, 32, 64])
      expect(decodeSecret(`whsec_${Buffer.alloc(bytes, 1).toString('base64')}`)).to.have.length(bytes);
    for (const text of [
      '',
      'whsec_',
      `whsec_${Buffer.alloc(23).toString('base64')}`,
      `whsec_${Buffer.alloc(65).toString('base64')}`,
      SECRET.slice(6),
      `${SECRET}*`,
      'whsec_not base64 at all, is it?',
    ]) {
      expect(decodeSecret(text), text).to.equal(null);
    }
  });
});
