import { expect } from 'chai';
import { createTypingNotice } from '../../../bridge/widget/core/typing.js';
import { fakeTimers } from './fake-timers.js';

function withNotice() {
  const timers = fakeTimers();
  const told: boolean[] = [];
  return { timers, told, notice: createTypingNotice(timers, (typing) => told.push(typing)) };
}

describe('widget: telling that the visitor types', () => {
  it('tells at most every four seconds, and that it ended after five without a key', async () => {
    const { timers, told, notice } = withNotice();
    for (let i = 0; i < 10; i += 1) {
      notice.typed(false);
      await timers.pass(500);
    }
    expect(told).to.deep.equal([true, true]);
    await timers.pass(5000);
    expect(told).to.deep.equal([true, true, false]);
    await timers.pass(60_000);
    expect(told).to.have.length(3);
  });

  it('tells the end at once when the field is emptied, and nothing when there was nothing', () => {
    const { told, notice } = withNotice();
    notice.typed(true);
    notice.typed(false);
    notice.typed(true);
    expect(told).to.deep.equal([true, false]);
  });

  it('leaves the end to the message when the text is sent', async () => {
    const { timers, told, notice } = withNotice();
    notice.typed(false);
    notice.sent();
    notice.typed(true);
    await timers.pass(10_000);
    expect(told).to.deep.equal([true]);
  });
});
