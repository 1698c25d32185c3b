import { expect } from 'chai';
import { createFeed } from '../../../bridge/widget/core/feed.js';
import type { FeedEvent } from '../../../bridge/widget/core/types.js';
import { buildMessage, fakeBridge, messageEvent } from './fake-bridge.js';
import { fakeTimers } from './fake-timers.js';

async function withFeed(begin = true) {
  const timers = fakeTimers();
  const bridge = fakeBridge();
  const events: FeedEvent[] = [];
  const live: boolean[] = [];
  let renewals = 0;
  const feed = createFeed({
    api: bridge.api,
    timers,
    onEvent: (event) => events.push(event),
    onLive: (now) => live.push(now),
    onUnauthorized: async () => void (renewals += 1),
  });
  if (begin) feed.start('7.0');
  await timers.settle();
  return { timers, bridge, events, live, feed, renewals: () => renewals, stream: () => bridge.streams.at(-1)! };
}

const cursors = (events: FeedEvent[]): string[] => events.map(({ cursor }) => cursor);
const event = (at: number): FeedEvent => messageEvent(at, buildMessage(at));

describe('widget: listening', () => {
  it('resumes where it stood when the connection ends', async () => {
    const { timers, bridge, events, stream, feed } = await withFeed();
    expect(stream().cursor).to.equal('7.0');
    stream().send(event(1));
    stream().send(event(2));
    await timers.pass(5000);
    stream().end();
    await timers.pass(300);
    expect(bridge.streams).to.have.length(2);
    expect(stream().cursor).to.equal('7.2');
    stream().send(event(3));
    await timers.settle();
    expect(cursors(events)).to.deep.equal(['7.1', '7.2', '7.3']);
    feed.stop();
  });

  it('takes 40 s without a byte for a dead connection, and a comment for a sign of life', async () => {
    const { timers, bridge, live, stream, feed } = await withFeed();
    for (let i = 0; i < 6; i += 1) {
      await timers.pass(15_000);
      stream().write(': still here\n\n');
    }
    expect(bridge.streams).to.have.length(1);
    await timers.pass(39_000);
    expect(bridge.streams).to.have.length(1);
    await timers.pass(5000);
    expect(bridge.streams).to.have.length(2);
    expect(bridge.streams[0]?.aborted()).to.equal(true);
    expect(live).to.deep.equal([true, false, true]);
    feed.stop();
  });

  it('reconnects after a sleep of the machine', async () => {
    const { timers, bridge, stream, feed } = await withFeed();
    stream().send(event(1));
    await timers.pass(2000);
    timers.sleep(3600_000);
    await timers.pass(3000);
    expect(bridge.streams).to.have.length(2);
    expect(stream().cursor).to.equal('7.1');
    feed.stop();
  });

  it('reconnects at once when the network is back, and only if it was silent when the page comes to the front', async () => {
    const { timers, bridge, stream, feed } = await withFeed();
    stream().write(': hello\n\n');
    await timers.pass(10_000);
    feed.wake(true);
    await timers.settle();
    expect(bridge.streams).to.have.length(1);
    await timers.pass(10_000);
    feed.wake(true);
    await timers.settle();
    expect(bridge.streams).to.have.length(2);
    feed.wake();
    await timers.settle();
    expect(bridge.streams).to.have.length(3);
    feed.stop();
  });

  it('waits longer and longer while the bridge can’t be reached, and not at all once woken', async () => {
    const { timers, bridge, live, stream, feed } = await withFeed();
    await timers.pass(5000);
    bridge.streaming = 'unreachable';
    stream().end();
    await timers.pass(20_000);
    expect(live).to.deep.equal([true, false]);
    bridge.streaming = 'open';
    feed.wake();
    await timers.settle();
    expect(bridge.streams).to.have.length(2);
    expect(live).to.deep.equal([true, false, true]);
    feed.stop();
  });

  it('doesn’t take a bridge that is away for one that can’t stream', async () => {
    const { timers, bridge, feed } = await withFeed(false);
    bridge.streaming = 'unreachable';
    feed.start('7.0');
    await timers.pass(120_000);
    expect(bridge.waiting('events')).to.have.length(0);
    feed.stop();
  });

  for (const streaming of ['mute', 'html'] as const) {
    it(`asks by long poll when two streams come to nothing (${streaming})`, async () => {
      const { timers, bridge, events, feed } = await withFeed(false);
      bridge.streaming = streaming;
      feed.start('7.0');
      await timers.pass(30_000);
      const [first] = bridge.waiting('events');
      expect(first?.path).to.equal('events?wait=25&cursor=7.0');
      first?.answer({ events: [event(1)], cursor: '7.1' });
      await timers.settle();
      const [second] = bridge.waiting('events');
      expect(second?.path).to.equal('events?wait=25&cursor=7.1');
      expect(cursors(events)).to.deep.equal(['7.1']);
      feed.stop();
    });
  }

  it('doesn’t flood whoever answers long polls too soon', async () => {
    const { timers, bridge, feed } = await withFeed(false);
    let polls = 0;
    bridge.streaming = 'html';
    bridge.auto = () => ((polls += 1), { events: [], cursor: '7.0' });
    feed.start('7.0');
    await timers.pass(20_000);
    expect(polls).to.be.within(10, 20);
    feed.stop();
  });

  it('gets another token when this one isn’t known, and begins anew', async () => {
    const { timers, bridge, renewals, stream, feed } = await withFeed(false);
    bridge.streaming = 'unauthorized';
    feed.start('7.5');
    bridge.streaming = 'open';
    await timers.pass(1000);
    expect(renewals()).to.equal(1);
    expect(stream().cursor).to.equal(undefined);
    feed.stop();
  });

  it('ends what went before when it is started elsewhere, and hears nothing of it any more', async () => {
    const { timers, bridge, events, stream, feed } = await withFeed();
    const old = stream();
    feed.start('8.3');
    await timers.settle();
    expect(old.aborted()).to.equal(true);
    expect(stream().cursor).to.equal('8.3');
    expect(bridge.streams).to.have.length(2);
    expect(events).to.deep.equal([]);
    feed.stop();
  });

  it('holds no connection while it is stopped, and goes on from where it stopped', async () => {
    const { timers, bridge, stream, feed } = await withFeed();
    stream().send(event(1));
    await timers.settle();
    feed.stop();
    feed.wake();
    await timers.pass(120_000);
    expect(stream().aborted()).to.equal(true);
    expect(bridge.streams).to.have.length(1);
    feed.start('7.4');
    await timers.settle();
    expect(bridge.streams).to.have.length(1);
    feed.resume();
    feed.resume();
    await timers.settle();
    expect(bridge.streams).to.have.length(2);
    expect(stream().cursor).to.equal('7.4');
    feed.stop();
  });
});
