import { expect } from 'chai';
import { recordPresence } from '../../../bridge/domain/operators/record-presence.js';
import type { Show } from '../../../bridge/domain/operators/operator.js';
import { run } from '../../../bridge/storage/pool.js';
import { addOperator } from '../chats/people.js';
import { Store } from '../storage/store.js';
import { newChat, write } from './commands.js';
import { newDispatcher } from './model.js';

const MANY = 60;

describe('a queue of many', () => {
  let store: Store;
  beforeEach(async () => {
    store = await Store.open();
  });
  afterEach(() => store.close());

  async function begin(count: number): Promise<number[]> {
    const ids = [];
    for (let i = 0; i < count; i += 1) ids.push(await newChat(store.transactions));
    for (const id of ids) await write(store.transactions, id);
    return ids;
  }

  async function come(names: readonly string[], maxChats: number, show: Show = 'available'): Promise<void> {
    for (const name of names) {
      const operator = await addOperator(store, name);
      await run(store.pool, 'UPDATE operators SET max_chats = ? WHERE id = ?', [maxChats, operator.id]);
      await store.transactions.alone((tx) =>
        recordPresence(tx, operator, { show, status: '', priority: 0, resources: 1 }, null),
      );
    }
  }

  const states = async () =>
    (await store.select('SELECT state, COUNT(*) AS count FROM chats GROUP BY state ORDER BY state')).map((row) => [
      row['state'],
      Number(row['count']),
    ]);

  it('gives each chat to one operator, and none more than it may have, with two bridges at once', async () => {
    await run(store.pool, "UPDATE departments SET strategy = 'direct'");
    const ids = await begin(MANY);
    const places = await store.select('SELECT id, position FROM chats ORDER BY id');
    expect(places.map((row) => row['position'])).to.deep.equal(ids.map((_, i) => i + 1));
    await come(['anna', 'bert', 'cora'], 10);
    const other = store.newTransactions(store.newPool());
    const bridges = [newDispatcher(store, store.transactions), newDispatcher(store, other)];
    await Promise.all([...bridges, ...bridges].map((bridge) => bridge.poll()));
    for (const bridge of bridges) await bridge.poll();
    expect(await states()).to.deep.equal([
      ['waiting', MANY - 30],
      ['active', 30],
    ]);
    const loads = await store.select(
      'SELECT COUNT(*) AS count FROM chats WHERE operator_id IS NOT NULL GROUP BY operator_id',
    );
    expect(loads.map((row) => Number(row['count']))).to.deep.equal([10, 10, 10]);
    // Who came first has been given first, and the others have moved up.
    const waiting = await store.select("SELECT id, position FROM chats WHERE state = 'waiting' ORDER BY id");
    expect(waiting.map((row) => [row['id'], row['position']])).to.deep.equal(ids.slice(30).map((id, i) => [id, i + 1]));
    for (const bridge of bridges) await bridge.stop();
  });

  it('gives the last room once, to visitors who write at the same moment at two bridges', async () => {
    await run(store.pool, "UPDATE departments SET strategy = 'direct'");
    await come(['anna'], 3);
    const other = store.newTransactions(store.newPool());
    const ids: number[] = [];
    for (let i = 0; i < 12; i += 1) ids.push(await newChat(store.transactions));
    await Promise.all(ids.map((id, i) => write(i % 2 === 0 ? store.transactions : other, id)));
    const dispatcher = newDispatcher(store, store.transactions);
    await dispatcher.poll();
    expect(await states()).to.deep.equal([
      ['waiting', 9],
      ['active', 3],
    ]);
    await dispatcher.stop();
  });

  it('shows an operator 50 chats at a time, and the next when some are taken', async () => {
    await begin(MANY);
    await come(['anna'], 1000);
    const dispatcher = newDispatcher(store, store.transactions);
    await dispatcher.poll();
    expect(await states()).to.deep.equal([
      ['waiting', MANY - 50],
      ['offered', 50],
    ]);
    await dispatcher.stop();
  });
});
