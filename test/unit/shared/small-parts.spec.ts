import { expect } from 'chai';
import { assertNever } from '../../../bridge/shared/assert-never.js';
import { Coalescer } from '../../../bridge/shared/coalescer.js';
import { describeError, ERROR_STATUS, FoyerError, type ErrorCode } from '../../../bridge/shared/errors.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { splitJid } from '../../../bridge/shared/jid.js';

describe('splitting a JID', () => {
  for (const [jid, local, host, resource] of [
    ['anna@example.org/phone', 'anna', 'example.org', 'phone'],
    ['anna@example.org', 'anna', 'example.org', ''],
    ['example.org', '', 'example.org', ''],
    ['example.org/x', '', 'example.org', 'x'],
    ['anna@example.org/a@b/c', 'anna', 'example.org', 'a@b/c'],
    ['example.org/a@b', '', 'example.org', 'a@b'],
  ] as const) {
    it(jid, () => expect(splitJid(jid)).to.deep.equal({ local, host, resource }));
  }
});

describe('joining calls', () => {
  it('gives each its own result, in order, and joins those that come meanwhile', async () => {
    const batches: number[][] = [];
    const double = new Coalescer<number, number>(async (items) => {
      batches.push(items);
      return items.map((item) => item * 2);
    }, 3);
    expect(await Promise.all([1, 2, 3, 4, 5].map((item) => double.add(item)))).to.deep.equal([2, 4, 6, 8, 10]);
    expect(batches).to.deep.equal([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('goes on after a failure, which is the error of that batch only', async () => {
    let fail = true;
    const one = new Coalescer<number, number>(async (items) => {
      if (fail) throw new Error('down');
      return items;
    }, 10);
    const failed = await Promise.allSettled([one.add(1), one.add(2)]);
    expect(failed.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    fail = false;
    expect(await one.add(3)).to.equal(3);
  });
});

describe('refusals', () => {
  it('have an HTTP status each, none of which is a redirect or success', () => {
    for (const code of Object.keys(ERROR_STATUS) as ErrorCode[])
      expect(new FoyerError(code, 'x').status, code).to.be.within(400, 503);
  });

  it('are described in one bounded line with their system code', () => {
    expect(describeError(Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' }))).to.equal(
      'ECONNREFUSED: connect failed',
    );
    expect(describeError(Object.assign(new Error('ECONNRESET: gone'), { code: 'ECONNRESET' }))).to.equal(
      'ECONNRESET: gone',
    );
    expect(describeError('just text')).to.equal('just text');
    expect(describeError(new Error('x'.repeat(2_000))).length).to.equal(500);
  });
});

describe('made-up ids', () => {
  it('differ, and sort by time', async () => {
    const ids = Array.from({ length: 1_000 }, () => randomIds.ulid());
    expect(new Set(ids).size).to.equal(1_000);
    for (const id of ids) expect(id).to.match(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    const times = ids.map((id) => id.slice(0, 10));
    expect([...times].sort()).to.deep.equal(times);
  });

  it('hold as many random bytes as asked for', () => {
    expect(Buffer.from(randomIds.secret(16), 'base64url')).to.have.length(16);
    expect(randomIds.secret(32)).to.match(/^[\w-]{43}$/);
  });
});

describe('a value that can’t be', () => {
  it('fails loudly', () => expect(() => assertNever('surprise' as never)).to.throw('surprise'));
});
