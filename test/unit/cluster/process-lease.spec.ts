import { expect } from 'chai';
import type { ProcessStore } from '../../../bridge/cluster/ports.js';
import { ProcessLease } from '../../../bridge/cluster/process-lease.js';
import type { BusinessEvents } from '../../../bridge/observe/events.js';

/** A lease on a database that answers what the test wants, at times that the test sets. */
function buildLease() {
  const time = { monotonic: 0, wall: 1_000_000 };
  const database = { alive: true, there: true, renewals: 0, looks: 0, released: 0 };
  const answer = (): boolean => {
    if (!database.there) throw new Error('away');
    return database.alive;
  };
  let lost = 0;
  const store: Partial<ProcessStore> = {
    register: () => Promise.resolve(7),
    async renew() {
      database.renewals += 1;
      return answer();
    },
    async holds() {
      database.looks += 1;
      return answer();
    },
    async release() {
      database.released += 1;
    },
  };
  const lease = new ProcessLease({
    store: store as ProcessStore,
    clock: { monotonic: () => time.monotonic, now: () => new Date(time.wall) },
    events: { dependencyLost: () => undefined } as unknown as BusinessEvents,
    onLost: () => (lost += 1),
  });
  const pass = (ms: number) => {
    time.monotonic += ms;
    time.wall += ms;
  };
  return { lease, time, database, pass, lost: () => lost };
}

describe('a process’s lease', () => {
  it('isn’t held before it is taken, nor after it is given back', async () => {
    const { lease, database } = buildLease();
    expect([lease.held(), await lease.confirm()]).to.deep.equal([false, false]);
    await lease.take('a', true);
    expect([lease.held(), await lease.confirm()]).to.deep.equal([true, true]);
    await lease.release();
    expect([lease.held(), await lease.confirm(), database.released]).to.deep.equal([false, false, 1]);
  });

  it('isn’t held after a pause, also one that only the wall clock has seen, until the database says so', async () => {
    const { lease, time, pass, database } = buildLease();
    await lease.take('a', true);
    pass(10_000);
    expect(lease.held()).to.equal(false);
    expect(await lease.confirm()).to.equal(true);
    time.wall += 10_000;
    expect(lease.held()).to.equal(false);
    database.there = false;
    expect(await lease.confirm()).to.equal(false);
    database.there = true;
    expect(await lease.confirm()).to.equal(true);
    await lease.release();
  });

  it('is confirmed by the database alone, where no clock has seen the pause', async () => {
    const { lease, database } = buildLease();
    await lease.take('a', true);
    database.alive = false;
    expect([lease.held(), await lease.confirm()]).to.deep.equal([true, false]);
    await lease.release();
  });

  it('is lost, once and for good, when another has buried the process: nothing is given back then', async () => {
    const { lease, pass, database, lost } = buildLease();
    await lease.take('a', true);
    database.alive = false;
    pass(10_000);
    expect(await lease.confirm()).to.equal(false);
    database.alive = true;
    expect(await lease.confirm()).to.equal(false);
    await lease.release();
    expect([lost(), database.released]).to.deep.equal([1, 0]);
  });

  it('is asked for once by all that ask at the same time', async () => {
    const { lease, database } = buildLease();
    await lease.take('a', true);
    await Promise.all(Array.from({ length: 100 }, () => lease.confirm()));
    expect(database.looks).to.be.at.most(2);
    await lease.release();
  });
});
