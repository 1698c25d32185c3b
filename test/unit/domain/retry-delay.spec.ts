import { expect } from 'chai';
import fc from 'fast-check';
import { RETRY_PLANS, retryDelay } from '../../../bridge/domain/outbox/retry-delay.js';

const HOURS = 3_600_000;
const SEVENTY_FIVE_HOURS = 75 * HOURS;

describe('the delay before another try', () => {
  const plan = { firstMs: 1_000, mostMs: 60_000, giveUpAfterMs: 1 };

  for (const [attempts, random, milliseconds] of [
    [1, 0, 500],
    [1, 0.999_999, 1_000],
    [2, 0, 1_000],
    [3, 0.5, 3_000],
    [7, 0, 30_000],
    [100, 0, 30_000],
    [1e9, 0.999_999, 60_000],
  ] as const) {
    it(`is ${milliseconds} ms after ${attempts} tries with a throw of ${random}`, () =>
      expect(retryDelay(plan, attempts, random)).to.equal(milliseconds));
  }

  it('is never longer than the plan’s longest and never shorter than half of its first', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(RETRY_PLANS)),
        fc.integer({ min: 1, max: 1_000_000 }),
        random,
        (one, attempts, throwOf) => {
          const delay = retryDelay(one, attempts, throwOf);
          expect(delay).to.be.within(one.firstMs / 2, one.mostMs);
        },
      ),
    );
  });

  for (const [target, one] of Object.entries(RETRY_PLANS)) {
    it(`goes on for at least 75 hours for ${target}`, () =>
      expect(one.giveUpAfterMs).to.be.at.least(SEVENTY_FIVE_HOURS));
  }
});
