import { expect } from 'chai';
import { until } from '../../support/until.js';
import { due, startOutboundBench, text, type OutboundBench } from './outbound-bench.js';

describe('Accounts that ejabberd refuses', () => {
  let bench: OutboundBench;
  const olga = () => `${bench.operator.local}@${bench.operator.host}`;
  const done = { result: 'done' };

  before(async function () {
    bench = await startOutboundBench(this);
  });
  after(() => bench.end());

  it('are made at the first message when they were never provisioned', async () => {
    const operator = await bench.loginOperator();
    const visitor = bench.buildVisitor();
    const outcomes = await bench.courier.deliverAccountLane(visitor, [text(olga(), 'first'), text(olga(), 'second')]);
    expect(outcomes).to.deep.equal([done, done]);
    await until(() => operator.bodies().length === 2, 'both have arrived');
    expect(operator.bodies()).to.deep.equal(['first', 'second']);
    expect(bench.ready).to.include(visitor.id);
  });

  it('get their password back when ejabberd has another one', async () => {
    const visitor = bench.buildVisitor();
    await bench.provisioner.provision(visitor);
    await bench.admin.changePassword(visitor.local, visitor.host, 'something else');
    const entries = [due({ kind: 'xmpp.presence', nick: 'Anna', status: '' }), text(olga(), 'hello')];
    expect(await bench.courier.deliverAccountLane(visitor, entries)).to.deep.equal([done, done]);
  });

  it('come back online by themselves when they are deleted while their session is open', async () => {
    const visitor = bench.buildVisitor();
    const entries = [
      due({ kind: 'account.provision' }),
      due({ kind: 'xmpp.presence', nick: 'Anna', status: 'on /deleted' }),
    ];
    await bench.courier.deliverAccountLane(visitor, entries);
    const timesReady = bench.ready.length;
    await bench.admin.unregister(visitor.local, visitor.host);
    await until(() => bench.ready.length > timesReady, 'the account is provisioned again');
    await until(
      async () => (await bench.admin.presence(visitor.local, visitor.host)).status === 'on /deleted',
      'its presence is back',
    );
    expect(await bench.courier.deliverAccountLane(visitor, [text(olga(), 'still here')])).to.deep.equal([done]);
  });

  it('are gone after their removal, and removing them again does no harm', async () => {
    const visitor = bench.buildVisitor();
    await bench.courier.deliverAccountLane(visitor, [
      due({ kind: 'account.provision' }),
      due({ kind: 'xmpp.presence', nick: 'Anna', status: '' }),
    ]);
    const remove = [due({ kind: 'account.remove' })];
    expect(await bench.courier.deliverAccountLane(visitor, remove)).to.deep.equal([done]);
    expect(await bench.admin.checkAccount(visitor.local, visitor.host)).to.equal(false);
    expect(await bench.admin.listSharedRosterMembers(visitor.host, 'visitors')).to.not.include(
      `${visitor.local}@${visitor.host}`,
    );
    expect(await bench.courier.deliverAccountLane(visitor, remove)).to.deep.equal([done]);
  });
});
