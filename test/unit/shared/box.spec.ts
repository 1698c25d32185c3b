import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { SecretBox } from '../../../bridge/shared/box.js';

describe('the box of secrets', () => {
  const [key, older, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const box = new SecretBox(key, [older]);

  it('opens what it has closed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
        (text) => {
          expect(box.open(box.seal(text))).to.equal(text);
        },
      ),
    );
  });

  it('never shows the same twice', () => {
    expect(box.seal('secret').equals(box.seal('secret'))).to.equal(false);
    expect(box.seal('secret').includes(Buffer.from('secret'))).to.equal(false);
  });

  it('opens what an older key has closed, and closes with the new one', () => {
    expect(box.open(new SecretBox(older).seal('old'))).to.equal('old');
    expect(new SecretBox(key).open(box.seal('new'))).to.equal('new');
    expect(() => new SecretBox(older).open(box.seal('new'))).to.throw('account key');
  });

  it('says that the account key is another one', () => {
    expect(() => box.open(new SecretBox(foreign).seal('secret'))).to.throw(
      'can’t be opened with the configured account key',
    );
  });

  it('notices every changed byte', () => {
    const sealed = box.seal('secret');
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => box.open(changed), `byte ${i}`).to.throw();
    }
    for (const length of [0, 1, 12, 28])
      expect(() => box.open(sealed.subarray(0, length)), `${length} bytes`).to.throw();
  });

  it('takes only keys of 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) expect(() => new SecretBox(randomBytes(length))).to.throw('32 bytes');
    expect(() => new SecretBox(key, [randomBytes(16)])).to.throw('32 bytes');
  });
});
