import { expect } from 'chai';
import { backoff } from '../../../bridge/widget/core/backoff.js';

describe('widget: waiting before another attempt', () => {
  it('doubles from half a second to a second up to half a minute, with jitter in the upper half', () => {
    const least = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backoff(failures, () => 0));
    expect(least).to.deep.equal([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    expect(backoff(1, () => 1)).to.equal(1000);
    expect(backoff(50, () => 1)).to.equal(30_000);
  });
});
