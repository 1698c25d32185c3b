import { expect } from 'chai';
import type { DueEntry } from '../../../bridge/domain/outbox/entry.js';
import type { ClaimedLane, LaneStore, Settlement } from '../../../bridge/domain/outbox/lane.js';
import type { ProcessStore } from '../../../bridge/cluster/ports.js';
import { createLaneStore } from '../../../bridge/storage/lane-store.js';
import { run } from '../../../bridge/storage/pool.js';
import { createProcessStore } from '../../../bridge/storage/process-store.js';
import { until } from '../../support/until.js';
import { Store } from './store.js';

describe('lanes of the outbox', () => {
  let store: Store;
  let lanes: LaneStore;
  let processes: ProcessStore;
  let one: number;
  let two: number;

  before(async () => {
    store = await Store.open();
    lanes = createLaneStore(store.pool);
    processes = createProcessStore(store.pool);
  });

  beforeEach(async () => {
    for (const table of ['lanes', 'outbox', 'dead_letters', 'processes', 'accounts'])
      await run(store.pool, `DELETE FROM ${table}`);
    one = await processes.register('one', 60, false);
    two = await processes.register('two', 60, false);
  });

  after(() => store.close());

  const push = (account: number, ...ids: string[]) =>
    store.transactions.alone(async (tx) => {
      for (const id of ids)
        tx.outbox.toAccount({ id: account, instanceId: 1 }, { kind: 'xmpp.message', to: 'anna@x.org', id, body: id });
    });
  const claim = async (process: number, limit = 10) => lanes.claim('account', process, limit);
  const names = (list: readonly ClaimedLane[]) => list.map(({ name }) => name).sort();
  const idsOf = (entries: readonly DueEntry[]) =>
    entries.map(({ entry }) => (entry.kind === 'xmpp.message' ? entry.id : entry.kind));
  const free = async (lane: ClaimedLane, done: readonly DueEntry[] = [], pushed = lane.pushed) =>
    lanes.settle({ lane: { ...lane, pushed }, done: done.map(({ id }) => id), dead: [], then: { lane: 'free' } });

  async function only(process: number): Promise<ClaimedLane> {
    const claimed = await claim(process);
    expect(claimed).to.have.length(1);
    return claimed[0] as ClaimedLane;
  }

  it('give their entries in the order in which they were written', async () => {
    await push(1, 'a', 'b');
    await push(2, 'x');
    await push(1, 'c');
    const claimed = await claim(one);
    expect(names(claimed)).to.deep.equal(['a:1', 'a:2']);
    const lane = claimed.find(({ name }) => name === 'a:1') as ClaimedLane;
    expect(idsOf((await lanes.entries(lane)).entries)).to.deep.equal(['a', 'b', 'c']);
  });

  it('belong to one process at a time', async () => {
    await push(1, 'a');
    await only(one);
    await push(1, 'b');
    expect(await claim(two)).to.deep.equal([]);
    expect(await claim(one)).to.deep.equal([]);
  });

  it('are shared out when processes claim at once', async () => {
    for (let account = 1; account <= 20; account += 1) await push(account, 'a');
    const other = createLaneStore(store.newPool());
    const claimed = (
      await Promise.all([
        lanes.claim('account', one, 10),
        other.claim('account', two, 10),
        lanes.claim('account', one, 10),
      ])
    ).flat();
    const rest = await claim(two, 20);
    expect(names([...claimed, ...rest])).to.deep.equal(Array.from({ length: 20 }, (_, i) => `a:${i + 1}`).sort());
  });

  it('stay at home: only the process that holds the account’s session serves it again', async () => {
    await push(1, 'a');
    const lane = await only(one);
    await free(lane, (await lanes.entries(lane)).entries);
    await push(1, 'b');
    expect(await claim(two)).to.deep.equal([]);
    expect(names(await claim(one))).to.deep.equal(['a:1']);
  });

  it('forget what is done, and are due again when something came meanwhile', async () => {
    await push(1, 'a');
    const lane = await only(one);
    const { entries, pushed } = await lanes.entries(lane);
    await push(1, 'b');
    await free(lane, entries, pushed);
    expect(await lanes.nextDue('account')).to.equal(0);
    const again = await only(one);
    const second = await lanes.entries(again);
    expect(idsOf(second.entries)).to.deep.equal(['b']);
    await free(again, second.entries, second.pushed);
    expect(await lanes.nextDue('account')).to.equal(null);
    expect(await claim(one)).to.deep.equal([]);
  });

  const wait = (lane: ClaimedLane, more: Partial<Settlement> = {}): Settlement => ({
    ...{
      lane,
      done: [],
      dead: [],
      then: { lane: 'wait', milliseconds: 60_000, attempts: 3, reason: 'ejabberd is away' },
    },
    ...more,
  });

  it('that wait for another try aren’t served before, keep their count, and can be hurried', async () => {
    await push(1, 'a');
    await lanes.settle(wait(await only(one)));
    expect(await claim(one)).to.deep.equal([]);
    expect(await lanes.nextDue('account')).to.be.within(1, 60_000);
    const [row] = await store.select("SELECT attempts, last_error FROM lanes WHERE name = 'a:1'");
    expect(row).to.deep.equal({ attempts: 3, last_error: 'ejabberd is away' });
    await lanes.hurry('account', null);
    expect((await only(one)).attempts).to.equal(3);
  });

  it('that wait aren’t hurried by new entries, which would overtake nothing but the delay', async () => {
    await push(1, 'a');
    await lanes.settle(wait(await only(one)));
    await push(1, 'b');
    expect(await claim(one)).to.deep.equal([]);
  });

  it('go on behind an entry that was given up, which is kept for a person', async () => {
    await push(1, 'a', 'b');
    const lane = await only(one);
    const { entries } = await lanes.entries(lane);
    await lanes.settle({
      lane,
      done: [],
      dead: [{ entry: entries[0] as DueEntry, reason: 'refused' }],
      then: { lane: 'keep' },
    });
    expect(idsOf((await lanes.entries(lane)).entries)).to.deep.equal(['b']);
    const [letter] = await store.select('SELECT id, lane, reason FROM dead_letters');
    expect(letter).to.deep.equal({ id: entries[0]?.id, lane: 'a:1', reason: 'refused' });
  });

  it('of a dead process are free for the others', async () => {
    await push(1, 'a');
    await only(one);
    await run(store.pool, 'UPDATE processes SET expires_at = NOW(3) - INTERVAL 1 SECOND WHERE id = ?', [one]);
    expect(await processes.buryDead(two)).to.equal(1);
    expect(await processes.renew(one, 60), 'the dead learns of it').to.equal(false);
    expect(idsOf((await lanes.entries(await only(two))).entries)).to.deep.equal(['a']);
  });

  it('stay with a process that was paused for longer than it counts as alive, while nobody else took over', async () => {
    await push(1, 'a');
    await only(one);
    await run(store.pool, 'UPDATE processes SET expires_at = NOW(3) - INTERVAL 1 SECOND');
    expect(await processes.buryDead(one), 'it buries the other, not itself').to.equal(1);
    expect(await processes.renew(one, 60)).to.equal(true);
    expect(await processes.renew(two, 60)).to.equal(false);
    const [row] = await store.select("SELECT owner FROM lanes WHERE name = 'a:1'");
    expect(row).to.deep.equal({ owner: one });
  });

  it('aren’t given back by a process that was taken for dead', async () => {
    await push(1, 'a');
    const lost = await only(one);
    await processes.release(one);
    await only(two);
    await free(lost);
    await lanes.settle(wait(lost));
    const [row] = await store.select("SELECT owner, attempts FROM lanes WHERE name = 'a:1'");
    expect(row).to.deep.equal({ owner: two, attempts: 0 });
  });

  it('show the presence of accounts again whose process is gone, also where somebody else is quick to claim', async () => {
    const insert =
      'INSERT INTO accounts (id, instance_id, kind, local, host, name, roster_group, password_box, state, online, presence_nick, presence_status, last_used_at, created_at) VALUES ?';
    const account = (id: number, state: string, online: number) => [
      id,
      1,
      'visitor',
      `visitor.${id}`,
      'x.org',
      'V',
      'visitors',
      '',
      state,
      online,
      `Nick ${id}`,
      'on /',
      new Date(),
      new Date(),
    ];
    await run(store.pool, insert, [[account(1, 'ready', 1), account(2, 'ready', 0), account(3, 'removed', 1)]]);
    for (const id of [1, 2, 3]) await push(id, 'a');
    for (const lane of await claim(one)) await free(lane, (await lanes.entries(lane)).entries);
    await push(1, 'b');
    await processes.release(one);
    const claimed = await claim(two);
    expect(names(claimed)).to.deep.equal(['a:1']);
    expect(idsOf((await lanes.entries(claimed[0] as ClaimedLane)).entries)).to.deep.equal(['b', 'xmpp.presence']);
  });

  it('of a process of the same name are free at once when it is known to be dead', async () => {
    await push(1, 'a');
    await only(one);
    const successor = await processes.register('one', 60, true);
    expect(names(await claim(successor))).to.deep.equal(['a:1']);
    expect(await processes.renew(one, 60)).to.equal(false);
  });

  const expire = (process: number) =>
    run(store.pool, 'UPDATE processes SET expires_at = NOW(3) - INTERVAL 1 SECOND WHERE id = ?', [process]);

  it('aren’t claimed by a process that is dead by the database’s clock, or buried, whatever it thinks itself', async () => {
    await push(1, 'a');
    await expire(one);
    expect(await claim(one)).to.deep.equal([]);
    expect(await processes.holds(one)).to.equal(false);
    await processes.renew(one, 60);
    await free(await only(one));
    await push(1, 'b');
    await processes.release(one);
    expect(await claim(one)).to.deep.equal([]);
    expect(names(await claim(two))).to.deep.equal(['a:1']);
  });

  it('stay with a process that renews while another is about to bury it', async () => {
    await push(1, 'a');
    const lane = await only(one);
    await expire(one);
    const renewing = await store.pool.getConnection();
    await renewing.query('START TRANSACTION');
    await renewing.query('UPDATE processes SET expires_at = NOW(3) + INTERVAL 60 SECOND WHERE id = ?', [one]);
    const burying = processes.buryDead(two);
    const waiting =
      "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%FROM processes%FOR UPDATE'";
    await until(async () => (await store.select(waiting)).length > 0, 'the other to wait for the row');
    await renewing.query('COMMIT');
    renewing.release();
    expect(await burying).to.equal(0);
    expect(await processes.renew(one, 60)).to.equal(true);
    const [row] = await store.select('SELECT owner FROM lanes WHERE name = ?', [lane.name]);
    expect(row).to.deep.equal({ owner: one });
  });

  it('that somebody claimed whom nobody knows are free for the others', async () => {
    await push(1, 'a');
    await push(2, 'x');
    await run(store.pool, "UPDATE lanes SET owner = 999999, home = 999999 WHERE name = 'a:1'");
    await run(store.pool, "UPDATE lanes SET home = 999998 WHERE name = 'a:2'");
    expect(await processes.buryDead(two)).to.equal(2);
    expect(names(await claim(two))).to.deep.equal(['a:1', 'a:2']);
    expect(await processes.buryDead(one)).to.equal(0);
  });

  it('that a process has claimed without hearing of it are free again, those that it serves are not', async () => {
    await push(1, 'a');
    await push(2, 'x');
    await claim(one);
    await lanes.giveBack('account', one, ['a:2']);
    expect(names(await claim(one))).to.deep.equal(['a:1']);
    await lanes.giveBack('helpdesk', one, []);
    expect(await claim(one)).to.deep.equal([]);
    await lanes.giveBack('account', one, []);
    expect(names(await claim(one))).to.deep.equal(['a:1', 'a:2']);
  });

  it('stay with a process that ends, though another has its name by now, until it has ended or died', async () => {
    await push(1, 'a');
    await push(2, 'x');
    await claim(one);
    await processes.end(one);
    const successor = await processes.register('one', 60, true);
    expect(await claim(successor)).to.deep.equal([]);
    expect(await processes.renew(one, 60)).to.equal(true);
    await processes.release(one);
    expect(names(await claim(successor))).to.deep.equal(['a:1', 'a:2']);
    await processes.end(successor);
    await expire(successor);
    const third = await processes.register('one', 60, true);
    expect(names(await claim(third))).to.deep.equal(['a:1', 'a:2']);
  });
});
