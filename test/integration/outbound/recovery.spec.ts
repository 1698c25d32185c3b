import { expect } from 'chai';
import type { AccountWithPassword } from '../../../bridge/domain/accounts/account.js';
import type { DueEntry } from '../../../bridge/domain/outbox/entry.js';
import { until } from '../../support/until.js';
import { due, startOutboundBench, text, type OutboundBench } from './outbound-bench.js';

/** Messages between two acknowledgements under load: how far ejabberd's own hand-over may be behind what it has taken. */
const ACK_WINDOW = 50;

describe('The outbound side when ejabberd goes away', () => {
  let bench: OutboundBench;

  beforeEach(async function () {
    bench = await startOutboundBench(this);
  });
  afterEach(() => bench.end());

  /** What the delivery loop does with a lane: again from the first that isn't done. */
  async function deliverAll(visitor: AccountWithPassword, entries: DueEntry[]): Promise<number> {
    let rounds = 0;
    for (let left = entries; left.length > 0; rounds += 1) {
      const outcomes = await bench.courier.deliverAccountLane(visitor, left);
      const done = outcomes.findIndex(({ result }) => result !== 'done');
      left = done === -1 ? [] : left.slice(done);
      if (left.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    return rounds;
  }

  it('sends what was not acknowledged again, in order; only what ejabberd was just handing over may be missing or come twice', async function () {
    this.timeout(90_000);
    const operator = `${bench.operator.local}@${bench.operator.host}`;
    const visitor = bench.buildVisitor();
    await bench.provisioner.provision(visitor);
    const before = await bench.loginOperator();
    const bodies = Array.from({ length: 500 }, (_, i) => `number ${i}`);
    const delivering = deliverAll(
      visitor,
      bodies.map((body) => text(operator, body)),
    );
    await until(() => before.bodies().length >= 50, 'some have arrived');
    await bench.ejabberd.kill();
    await bench.ejabberd.restart();
    expect(await delivering).to.be.greaterThan(1);
    // Not before: while ejabberd hands over what it kept for an absent client, new messages overtake it.
    const after = await bench.loginOperator();
    await until(() => after.bodies().includes('number 499'), 'the last has arrived');
    const arrived = [...before.bodies(), ...after.bodies()].map((body) => bodies.indexOf(body));
    expect(arrived).to.deep.equal(arrived.toSorted((some, other) => some - other));
    const times = bodies.map((_, i) => arrived.filter((position) => position === i).length);
    const odd = times.flatMap((count, i) => (count === 1 ? [] : [i]));
    const atTheKill = before.bodies().length;
    expect(odd.filter((i) => Math.abs(i - atTheKill) > ACK_WINDOW)).to.deep.equal([]);
  });

  it('brings sessions back by themselves, with their presence', async function () {
    this.timeout(90_000);
    const visitors = Array.from({ length: 20 }, () => bench.buildVisitor());
    const online = due({ kind: 'xmpp.presence', nick: 'Anna', status: 'here' });
    await Promise.all(
      visitors.map((visitor) =>
        bench.courier.deliverAccountLane(visitor, [due({ kind: 'account.provision' }), online]),
      ),
    );
    const countOnline = () => visitors.filter(({ id }) => bench.sessions.isOnline(id)).length;
    expect(countOnline()).to.equal(20);
    await bench.ejabberd.kill();
    await until(() => countOnline() === 0, 'the sessions are gone');
    await bench.ejabberd.restart();
    await until(() => countOnline() === 20, 'the sessions are back');
    const presences = await Promise.all(visitors.map(({ local, host }) => bench.admin.presence(local, host)));
    expect(presences.map(({ status }) => status)).to.deep.equal(visitors.map(() => 'here'));
  });
});
