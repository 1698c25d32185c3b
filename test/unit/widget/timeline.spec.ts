import { expect } from 'chai';
import { createTimeline } from '../../../bridge/widget/core/timeline.js';
import { buildChat, buildMessage, messageEvent } from './fake-bridge.js';

function withChat(change = {}) {
  const timeline = createTimeline();
  timeline.reset(buildChat(change));
  return timeline;
}

const own = (number: number, change = {}) => buildMessage(number, { sender: 'visitor', name: null, ...change });

describe('widget: the timeline', () => {
  it('shows each message once and in order, however often and in whatever order it comes', () => {
    const timeline = withChat();
    for (const number of [2, 1, 3, 2, 1]) timeline.apply(messageEvent(number, buildMessage(number)));
    timeline.merge([buildMessage(3), buildMessage(2)]);
    expect(timeline.messages().map(({ number }) => number)).to.deep.equal([1, 2, 3]);
  });

  it('moves delivery states of own messages forward and never back', () => {
    const timeline = withChat();
    timeline.merge([own(1), buildMessage(2), own(3)]);
    const states = (from: number, to: number, state: 'acked' | 'seen'): void =>
      timeline.apply({ cursor: '7.9', chat: 7, kind: 'states', data: { states: [{ from, to, state }] } });
    states(1, 2, 'seen');
    states(1, 3, 'acked');
    timeline.merge([own(1, { state: 'stored' })]);
    expect(timeline.messages().map(({ state }) => state)).to.deep.equal(['seen', 'stored', 'acked']);
  });

  it('takes a failure back once an operator’s client has the message, and shows none after that', () => {
    const timeline = withChat();
    timeline.merge([own(1, { state: 'acked' }), own(2, { state: 'seen' })]);
    const states = (state: 'failed' | 'acked' | 'delivered') => {
      timeline.apply({ cursor: '7.9', chat: 7, kind: 'states', data: { states: [{ from: 1, to: 2, state }] } });
      return timeline.messages().map((message) => message.state);
    };
    expect(states('failed')).to.deep.equal(['failed', 'seen']);
    expect(states('acked')).to.deep.equal(['failed', 'seen']);
    expect(states('delivered')).to.deep.equal(['delivered', 'seen']);
  });

  it('keeps the corrected text when the first version comes again', () => {
    const timeline = withChat();
    const corrected = buildMessage(1, { text: 'new', corrected_at: '2026-11-21T10:01:00.000Z' });
    timeline.apply({ cursor: '7.2', chat: 7, kind: 'message_updated', data: { message: corrected } });
    timeline.merge([buildMessage(1, { text: 'old' })]);
    expect(timeline.messages()[0]).to.include({ text: 'new' });
    const again = buildMessage(1, { text: 'newer', corrected_at: '2026-11-21T10:02:00.000Z' });
    timeline.merge([again]);
    expect(timeline.messages()[0]).to.include({ text: 'newer' });
  });

  it('counts operators’ messages beyond what the visitor has seen as unread', () => {
    const timeline = withChat({ seen: { visitor: 1, operator: 0 } });
    timeline.merge([buildMessage(1), own(2), buildMessage(3), buildMessage(4, { sender: 'system' }), buildMessage(5)]);
    expect(timeline.unread().map(({ number }) => number)).to.deep.equal([3, 5]);
    timeline.see(3);
    timeline.see(2);
    timeline.update(buildChat({ seen: { visitor: 0, operator: 0 } }));
    expect(timeline.unread().map(({ number }) => number)).to.deep.equal([5]);
  });

  it('knows up to where nothing is missing', () => {
    const timeline = withChat();
    timeline.merge([1, 2, 4].map((number) => buildMessage(number)));
    expect(timeline.complete()).to.equal(2);
    timeline.merge([buildMessage(3)]);
    expect(timeline.complete()).to.equal(4);
    timeline.reset(null);
    expect(timeline.complete()).to.equal(0);
  });
});
