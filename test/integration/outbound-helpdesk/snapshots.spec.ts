import { expect } from 'chai';
import { createInstance } from '../../../bridge/domain/instances/create-instance.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import { recordSnapshot } from '../../../bridge/domain/operators/record-presence.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { Delivery } from '../../../bridge/outbound/deliver.js';
import { HelpdeskCourier } from '../../../bridge/outbound/helpdesk/courier.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { createLaneStore } from '../../../bridge/storage/lane-store.js';
import { run } from '../../../bridge/storage/pool.js';
import { until } from '../../support/until.js';
import { addOperator, leaving } from '../chats/people.js';
import { startReceiver, type Receiver } from '../helpdesk-api/receiver.js';
import { Store } from '../storage/store.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe('snapshots of the operators who are online', () => {
  let store: Store;
  let processId: number;
  let anna: Operator;
  let receiver: Receiver;
  let delivery: Delivery | undefined;
  let courier: HelpdeskCourier | undefined;

  beforeEach(async () => {
    store = await Store.open();
    processId = await store.process();
    receiver = await startReceiver();
    anna = await addOperator(store, 'anna');
    await store.transactions.alone(async (tx) => {
      await createInstance(tx, ['x.org'], { name: 'shop', displayName: 'Shop', host: 'x.org' });
      await createInstance(tx, ['y.org'], { name: 'elsewhere', displayName: 'Elsewhere', host: 'y.org' });
    });
    await run(store.pool, "UPDATE instances SET callback_url = 'https://helpdesk.example/'");
  });

  afterEach(async () => {
    await delivery?.stop(3_000);
    courier?.close();
    await receiver.stop();
    await store.close();
    delivery = undefined;
  });

  const snapshot = (show?: 'away') =>
    store.transactions.alone((tx) => {
      const presence = { show: show ?? 'available', status: 'here', priority: 0, resources: 1 } as const;
      return recordSnapshot(tx, 'x.org', show === undefined ? [] : [{ operator: anna, presence }], new Date());
    });
  /** What the helpdesks would be sent, by instance. */
  const waiting = async () => {
    const lanes = await store.select("SELECT lane, entry FROM outbox WHERE lane LIKE 'h:%' ORDER BY id");
    return lanes.map((row) => {
      const { type, data } = JSON.parse(row['entry'] as string) as { type: string; data: unknown };
      return [row['lane'], type, data];
    });
  };

  it('name who is online, for every instance of the host', async () => {
    await run(store.pool, 'DELETE FROM outbox');
    await snapshot('away');
    const operators = [{ id: anna.id, name: 'Anna', jid: 'anna@x.org', show: 'away', status: 'here' }];
    expect((await waiting()).filter(([, type]) => type === 'operators.online')).to.deep.equal([
      ['h:1:operators', 'operators.online', { operators }],
      ['h:2:operators', 'operators.online', { operators: [] }],
    ]);
  });

  it('say that nobody is online any more, once the last one has gone', async () => {
    await snapshot('away');
    await run(store.pool, 'DELETE FROM outbox');
    await snapshot();
    expect((await waiting()).map(([lane, type]) => [lane, type])).to.deep.equal([
      ['h:1:operators', 'operator.disconnected'],
      ['h:1:operators', 'operators.online'],
      ['h:2:operators', 'operators.online'],
    ]);
    expect((await waiting()).at(1)?.[2]).to.deep.equal({ operators: [] });
  });

  it('don’t pile up while the helpdesk is away, and the newest arrives when it is back', async () => {
    await run(store.pool, 'DELETE FROM outbox');
    receiver.answer = 500;
    deliver();
    for (let i = 0; i < 20; i += 1) await snapshot(i === 0 ? 'away' : undefined);
    const types = async () =>
      (await leaving(store)).flatMap((entry) => (entry.kind === 'helpdesk.callback' ? [entry.type] : []));
    await until(
      async () => (await types()).filter((type) => type === 'operators.online').length === 2,
      'one for each instance',
      20,
    );
    expect((await types()).filter((type) => type !== 'operators.online')).to.deep.equal([
      'operator.changed',
      'operator.disconnected',
    ]);
    receiver.answer = 200;
    const before = receiver.received.length;
    await until(async () => (await types()).length === 0, 'all sent', 20);
    const sent = receiver.received.slice(before).filter(({ body }) => body.instance === 'main');
    expect(sent.map(({ body }) => body.type).slice(-2)).to.deep.equal(['operator.disconnected', 'operators.online']);
  });

  function deliver(): void {
    const metrics = createMetrics({ processMetrics: false });
    const made = new HelpdeskCourier({
      ...{ clock: systemClock, ids: randomIds, version: '1.2.3', timeoutMs: 2_000, allowPrivateAddresses: true },
      targets: {
        get: (id) =>
          Promise.resolve({ instanceName: id === 1 ? 'main' : 'shop', url: receiver.url, secrets: [SECRET] }),
      },
    });
    courier = made;
    delivery = new Delivery({
      ...{ target: 'helpdesk', lanes: createLaneStore(store.pool), metrics, processId, concurrency: 4 },
      ...{ events: createEvents(createLog('silent'), metrics), clock: systemClock, random: () => 0 },
      mayServe: () => true,
      serve: (lane, entries) => made.serve(lane, entries),
    });
    delivery.start();
  }
});
