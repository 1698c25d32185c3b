import { expect } from 'chai';
import { reconnectDelay } from '../../../../bridge/outbound/xmpp/backoff.js';

describe('the wait before the next login', () => {
  it('is at least half a second and at most a minute', () => {
    for (const failures of [1, 2, 5, 50, 5_000]) {
      expect(reconnectDelay(failures, 0)).to.equal(500);
      expect(reconnectDelay(failures, 0.999_999)).to.be.within(500, 60_000);
    }
  });

  it('doubles its ceiling with each failure', () => {
    expect([1, 2, 3, 7, 8].map((failures) => reconnectDelay(failures, 1))).to.deep.equal([
      1_000, 2_000, 4_000, 60_000, 60_000,
    ]);
  });
});
