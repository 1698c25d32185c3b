import { expect } from 'chai';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import { takeChat } from '../../../bridge/domain/chats/take-chat.js';
import { postVisitorMessage } from '../../../bridge/domain/chats/post-visitor-message.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import type { Outcome } from '../../../bridge/domain/outbox/entry.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { Delivery } from '../../../bridge/outbound/deliver.js';
import { recordGivenUp } from '../../../bridge/outbound/serve-account.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { createLaneStore } from '../../../bridge/storage/lane-store.js';
import { run } from '../../../bridge/storage/pool.js';
import { until } from '../../support/until.js';
import { Store } from '../storage/store.js';
import { addOperator, LIMITS, withChat } from './people.js';

const DAYS = 86_400_000;

describe('a visitor’s message that is given up', () => {
  let store: Store;
  let chat: Chat;
  let anna: Operator;
  let delivery: Delivery | undefined;
  let processId: number;

  beforeEach(async () => {
    store = await Store.open();
    processId = await store.process();
    anna = await addOperator(store, 'anna');
    chat = await store.chat();
    await withChat(store, chat.id, (tx, locked) => takeChat(tx, locked, anna));
    await withChat(store, chat.id, (tx, locked) => postVisitorMessage(tx, LIMITS, locked, 'Hello', 'p:1'));
    await withChat(store, chat.id, (tx, locked) => postVisitorMessage(tx, LIMITS, locked, 'Anybody?', 'p:2'));
  });

  afterEach(async () => {
    await delivery?.stop(3_000);
    await store.close();
  });

  function deliver(outcome: (body: string) => Outcome, later = 0): void {
    const metrics = createMetrics({ processMetrics: false });
    const clock = { now: () => new Date(Date.now() + later), monotonic: () => systemClock.monotonic() };
    delivery = new Delivery({
      ...{ target: 'account', lanes: createLaneStore(store.pool), metrics, clock, processId, concurrency: 4 },
      events: createEvents(createLog('silent'), metrics),
      random: () => 0,
      mayServe: () => true,
      serve: (_lane, entries) =>
        Promise.resolve(entries.map(({ entry }) => outcome(entry.kind === 'xmpp.message' ? entry.body : ''))),
      givenUp: recordGivenUp(store.transactions),
    });
    delivery.start();
  }

  const states = async () =>
    (await store.select('SELECT state FROM messages WHERE chat_id = ? ORDER BY number', [chat.id])).map(
      (row) => row['state'] as string,
    );
  const untilGivenUp = (count: number) =>
    until(
      async () => (await store.select('SELECT id FROM dead_letters WHERE entry LIKE ?', ['%track%'])).length === count,
      'dead letters',
    );

  it('has failed, which the page is told, when ejabberd will never take it', async () => {
    deliver((body) => (body === 'Hello' ? { result: 'dead', reason: 'refused' } : { result: 'done' }));
    await untilGivenUp(1);
    expect(await states()).to.deep.equal(['failed', 'stored']);
    const told = await store.select("SELECT data FROM feed WHERE chat_id = ? AND kind = 'states'", [chat.id]);
    expect(told.map((row) => row['data'] as string)).to.deep.equal(['{"from":1,"to":1,"state":"failed"}']);
  });

  it('has failed after ejabberd was away for days', async () => {
    deliver(() => ({ result: 'retry', reason: 'away' }), 4 * DAYS);
    await untilGivenUp(2);
    expect(await states()).to.deep.equal(['failed', 'failed']);
  });

  it('stays in the outbox while the failure can’t be written down', async () => {
    await run(store.pool, 'RENAME TABLE feed TO feed_away');
    deliver(() => ({ result: 'dead', reason: 'refused' }));
    await until(
      async () =>
        (await store.select('SELECT name FROM lanes WHERE due_at IS NOT NULL AND owner IS NOT NULL')).length > 0,
      'a lane under way',
    );
    expect(await store.select('SELECT id FROM dead_letters WHERE entry LIKE ?', ['%track%'])).to.deep.equal([]);
    await run(store.pool, 'RENAME TABLE feed_away TO feed');
    await untilGivenUp(2);
    expect(await states()).to.deep.equal(['failed', 'failed']);
  });
});
