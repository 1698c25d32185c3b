import { expect } from 'chai';
import type { LeaseStore, ProcessStore } from '../../../bridge/cluster/ports.js';
import { createLeaseStore } from '../../../bridge/storage/lease-store.js';
import { run } from '../../../bridge/storage/pool.js';
import { createProcessStore } from '../../../bridge/storage/process-store.js';
import { Store } from './store.js';

describe('leases of jobs', () => {
  let store: Store;
  let processes: ProcessStore;
  let leases: LeaseStore;
  let one: number;
  let two: number;

  before(async () => {
    store = await Store.open();
    processes = createProcessStore(store.pool);
    leases = createLeaseStore(store.pool);
  });

  beforeEach(async () => {
    for (const table of ['processes', 'leases']) await run(store.pool, `DELETE FROM ${table}`);
    one = await processes.register('one', 60, false);
    two = await processes.register('two', 60, false);
  });

  after(() => store.close());

  it('are held by one process, and free again when the work is done and its time has come', async () => {
    const taken = await Promise.all([leases.take('job', one, 60, 0), leases.take('job', two, 60, 0)]);
    expect(taken.filter(Boolean)).to.have.length(1);
    const holder = taken[0] ? one : two;
    const other = taken[0] ? two : one;
    await leases.done('job', other);
    expect(await leases.take('job', other, 60, 0), 'only the holder gives it back').to.equal(false);
    await leases.done('job', holder);
    expect(await leases.take('job', other, 60, 3_600), 'too soon after the last run').to.equal(false);
    await run(store.pool, "UPDATE leases SET begun_at = NOW(3) - INTERVAL 2 HOUR WHERE name = 'job'");
    expect(await leases.take('job', other, 60, 3_600)).to.equal(true);
  });

  it('count the period from where the last run began, however long it took', async () => {
    await leases.take('job', one, 60, 3_600);
    await run(store.pool, "UPDATE leases SET begun_at = NOW(3) - INTERVAL 2 HOUR WHERE name = 'job'");
    await leases.done('job', one);
    expect(await leases.take('job', one, 60, 3_600)).to.equal(true);
  });

  it('are free at once when the work failed, and keep when it was last done', async () => {
    await leases.take('job', one, 600, 0);
    await leases.done('job', one);
    await leases.take('job', one, 600, 0);
    await leases.failed('job', two);
    expect(await leases.take('job', two, 600, 0), 'only the holder gives it back').to.equal(false);
    await leases.failed('job', one);
    expect(await leases.take('job', two, 600, 3_600)).to.equal(true);
    await processes.release(two);
    const [row] = await store.select('SELECT process_id, last_done_at IS NOT NULL AS done FROM leases');
    expect(row).to.deep.equal({ process_id: 0, done: 1 });
  });

  it('end with their process', async () => {
    await leases.take('job', one, 600, 0);
    await processes.release(one);
    expect(await leases.take('job', two, 600, 0)).to.equal(true);
  });
});
