import { expect } from 'chai';
import { Batcher } from '../../../../bridge/outbound/ejabberd/batcher.js';

/** A batcher whose batches wait until the test lets them through. */
function buildBatcher(size = 3) {
  const batches: { items: string[]; settle(results: (Error | null)[]): void; fail(error: Error): void }[] = [];
  const run = (items: string[]) =>
    new Promise<(Error | null)[]>((resolve, reject) => batches.push({ items, settle: resolve, fail: reject }));
  return { batcher: new Batcher<string>(run, { size, waitMs: 1 }), batches };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('batches', () => {
  it('join calls that are made together', async () => {
    const { batcher, batches } = buildBatcher();
    const both = [batcher.add('a'), batcher.add('b')];
    await turn();
    expect(batches.map(({ items }) => items)).to.deep.equal([['a', 'b']]);
    batches[0]?.settle([null, null]);
    await Promise.all(both);
  });

  it('leave at once when they are full', () => {
    const { batcher, batches } = buildBatcher(2);
    void batcher.add('a');
    void batcher.add('b');
    expect(batches).to.have.length(1);
  });

  it('leave when the one before is back', async () => {
    const { batcher, batches } = buildBatcher();
    const first = batcher.add('a');
    await turn();
    const second = batcher.add('b');
    batches[0]?.settle([null]);
    await first;
    expect(batches[1]?.items).to.deep.equal(['b']);
    batches[1]?.settle([null]);
    await second;
  });

  it('give each call its own result', async () => {
    const { batcher, batches } = buildBatcher();
    const results = Promise.allSettled([batcher.add('a'), batcher.add('b')]);
    await turn();
    batches[0]?.settle([null, new Error('b is bad')]);
    expect((await results).map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
  });

  it('fail for all when they fail as a whole', async () => {
    const { batcher, batches } = buildBatcher();
    const results = Promise.allSettled([batcher.add('a'), batcher.add('b')]);
    await turn();
    batches[0]?.fail(new Error('away'));
    expect((await results).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
  });
});
