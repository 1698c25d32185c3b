import { expect } from 'chai';
import { ApiError } from '../../../bridge/widget/core/api.js';
import { createOutbox, type Unsent } from '../../../bridge/widget/core/outbox.js';
import { fakeTimers } from './fake-timers.js';

/** An outbox whose storage is a map; posts wait in `posts` until `reply` settles the oldest. */
function withOutbox() {
  const timers = fakeTimers();
  const stored = new Map<string, Unsent>();
  const posts: { ids: string[]; done: () => void; fail: (error: unknown) => void }[] = [];
  const sent: string[][] = [];
  let renewals = 0;
  const outbox = createOutbox({
    timers,
    post: (entries) =>
      new Promise((done, fail) => {
        const ids = entries.map(({ id }) => id);
        sent.push(ids);
        posts.push({ ids, done, fail });
      }),
    put: (entry) => void stored.set(entry.id, entry),
    drop: (id) => void stored.delete(id),
    onUnauthorized: async () => void (renewals += 1),
    onChange: () => undefined,
  });
  const reply = async (error?: ApiError): Promise<void> => {
    const post = posts.shift();
    if (error) post?.fail(error);
    else post?.done();
    await timers.settle();
  };
  const write = (id: string, change: Partial<Unsent> = {}): Unsent => ({
    id,
    text: id,
    chat: 7,
    at: timers.now(),
    ...change,
  });
  return { timers, stored, posts, sent, outbox, reply, write, renewals: () => renewals };
}

const failures = (entries: Unsent[]) => entries.map(({ id, failed }) => [id, failed]);

describe('widget: the outbox', () => {
  it('stores a text before it sends it, and forgets it when the bridge has it', async () => {
    const { stored, posts, outbox, reply, write } = withOutbox();
    outbox.add(write('a'));
    expect([...stored.keys()]).to.deep.equal(['a']);
    expect(posts).to.have.length(1);
    await reply();
    expect(stored.size).to.equal(0);
    expect(outbox.entries()).to.deep.equal([]);
  });

  it('has one request in flight and sends what gathered meanwhile together, in order', async () => {
    const { sent, outbox, reply, write } = withOutbox();
    for (const id of ['a', 'b', 'c']) outbox.add(write(id));
    expect(sent).to.deep.equal([['a']]);
    await reply();
    expect(sent).to.deep.equal([['a'], ['b', 'c']]);
  });

  it('bounds what it sends together by count and bytes', async () => {
    const { sent, outbox, reply, write } = withOutbox();
    outbox.add(write('first'));
    outbox.add(write('large', { text: 'x'.repeat(30_000) }));
    outbox.add(write('larger', { text: 'ä'.repeat(15_001) }));
    for (let i = 0; i < 60; i += 1) outbox.add(write(`small ${i}`));
    await reply();
    expect(sent[1]).to.deep.equal(['large']);
    await reply();
    expect(sent[2]).to.have.length(50);
  });

  it('sends texts that begin a chat one by one, and the rest into the chat', async () => {
    const { sent, outbox, reply, write } = withOutbox();
    for (const id of ['a', 'b', 'c']) outbox.add(write(id, { chat: null }));
    outbox.bind(7);
    await reply();
    expect(sent).to.deep.equal([['a'], ['b', 'c']]);
    expect(outbox.entries().map(({ chat }) => chat)).to.deep.equal([7, 7]);
  });

  for (const error of [
    new ApiError(0, 'network'),
    new ApiError(500, 'internal'),
    new ApiError(503, 'database_unavailable'),
  ]) {
    it(`sends again under the same id after ${error.code}, later and later`, async () => {
      const { timers, stored, sent, outbox, reply, write } = withOutbox();
      outbox.add(write('a'));
      await reply(error);
      expect(sent).to.have.length(1);
      await timers.pass(750);
      expect(sent).to.deep.equal([['a'], ['a']]);
      await reply(error);
      await timers.pass(1400);
      expect(sent).to.have.length(2);
      await timers.pass(100);
      expect(sent).to.have.length(3);
      expect([...stored.keys()]).to.deep.equal(['a']);
      await reply();
      expect(stored.size).to.equal(0);
    });
  }

  it('waits as long as the bridge asks when it is asked to slow down', async () => {
    const { timers, sent, outbox, reply, write } = withOutbox();
    outbox.add(write('a'));
    await reply(new ApiError(429, 'rate_limited', 20_000));
    await timers.pass(19_999);
    expect(sent).to.have.length(1);
    await timers.pass(1);
    expect(sent).to.have.length(2);
  });

  it('tries at once when it is woken', async () => {
    const { sent, outbox, reply, write } = withOutbox();
    outbox.add(write('a'));
    await reply(new ApiError(0, 'network'));
    outbox.wake();
    expect(sent).to.have.length(2);
  });

  it('gets another token and sends again when the token isn’t known', async () => {
    const { timers, sent, outbox, reply, write, renewals } = withOutbox();
    outbox.add(write('a'));
    await reply(new ApiError(401, 'token_invalid'));
    await timers.pass(0);
    expect(renewals()).to.equal(1);
    expect(sent).to.have.length(2);
  });

  for (const [status, code] of [
    [409, 'chat_closed'],
    [413, 'message_too_long'],
    [422, 'invalid_request'],
  ] as const) {
    it(`keeps a text that is refused with ${code}, and goes on with those behind it`, async () => {
      const { stored, sent, outbox, reply, write } = withOutbox();
      outbox.add(write('a'));
      outbox.add(write('b'));
      await reply(new ApiError(status, code));
      expect(failures(outbox.entries())).to.deep.equal([
        ['a', code],
        ['b', undefined],
      ]);
      expect(stored.get('a')).to.include({ failed: code, text: 'a' });
      expect(sent).to.deep.equal([['a'], ['b']]);
    });
  }

  it('finds the refused one among several by sending each alone', async () => {
    const { sent, outbox, reply, write } = withOutbox();
    for (const id of ['first', 'good', 'bad', 'good too']) outbox.add(write(id));
    const refuse = (): Promise<void> => reply(new ApiError(422, 'invalid_request'));
    await reply();
    await refuse();
    await reply();
    await refuse();
    await refuse();
    await reply();
    expect(sent.slice(1)).to.deep.equal([
      ['good', 'bad', 'good too'],
      ['good'],
      ['bad', 'good too'],
      ['bad'],
      ['good too'],
    ]);
    expect(failures(outbox.entries())).to.deep.equal([['bad', 'invalid_request']]);
  });

  it('sends a refused text again when the visitor wants it, into the chat of now', async () => {
    const { sent, outbox, reply, write } = withOutbox();
    outbox.add(write('a'));
    await reply(new ApiError(409, 'chat_closed'));
    outbox.retry('a', null);
    expect(sent).to.have.length(2);
    expect(outbox.entries()[0]).to.include({ chat: null });
    expect(outbox.entries()[0]?.failed).to.equal(undefined);
  });

  it('takes over after a reload what an earlier page could not send, oldest first', async () => {
    const { timers, sent, outbox, write } = withOutbox();
    outbox.adopt(
      [
        write('b', { at: timers.now() - 10 }),
        write('a', { at: timers.now() - 20 }),
        write('c', { failed: 'chat_full' }),
      ],
      false,
    );
    expect(sent).to.deep.equal([['a', 'b']]);
    expect(outbox.entries().map(({ id }) => id)).to.deep.equal(['a', 'b', 'c']);
  });

  it('asks before it sends what was written half a day ago', () => {
    const { timers, sent, outbox, write } = withOutbox();
    outbox.adopt([write('old', { at: timers.now() - 13 * 3600_000 })], false);
    expect(sent).to.deep.equal([]);
    expect(failures(outbox.entries())).to.deep.equal([['old', 'stale']]);
  });

  it('sends another tab’s text only when that tab doesn’t in ten seconds', async () => {
    const { timers, sent, outbox, write } = withOutbox();
    outbox.adopt([write('gone'), write('stuck')], true);
    outbox.remove('gone');
    await timers.pass(9999);
    expect(sent).to.deep.equal([]);
    await timers.pass(1);
    expect(sent).to.deep.equal([['stuck']]);
  });

  it('sends its own text at once while it waits for another tab to send one', async () => {
    const { timers, sent, outbox, reply, write } = withOutbox();
    outbox.adopt([write('theirs')], true);
    outbox.add(write('mine'));
    expect(sent).to.deep.equal([['mine']]);
    await reply();
    await timers.pass(10_000);
    expect(sent).to.deep.equal([['mine'], ['theirs']]);
  });

  it('holds a new text back while the bridge has asked for a pause', async () => {
    const { timers, sent, outbox, reply, write } = withOutbox();
    outbox.add(write('a'));
    await reply(new ApiError(429, 'rate_limited', 20_000));
    outbox.add(write('b'));
    await timers.pass(19_999);
    expect(sent).to.deep.equal([['a']]);
    await timers.pass(1);
    expect(sent).to.deep.equal([['a'], ['a', 'b']]);
  });

  it('takes what both tabs know once', () => {
    const { outbox, write } = withOutbox();
    outbox.add(write('a'));
    outbox.adopt([write('a')], true);
    expect(outbox.entries()).to.have.length(1);
  });
});
