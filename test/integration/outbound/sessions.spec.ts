import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { until } from '../../support/until.js';
import { due, startOutboundBench, text, type OutboundBench } from './outbound-bench.js';
import type { OperatorClient } from './operator-client.js';

describe('XMPP sessions of visitors', () => {
  let bench: OutboundBench;
  let operator: OperatorClient;
  const olga = () => `${bench.operator.local}@${bench.operator.host}`;

  before(async function () {
    bench = await startOutboundBench(this);
    operator = await bench.loginOperator();
  });
  after(() => bench.end());

  it('shows a visitor that was just provisioned under its name, nick and page', async () => {
    const visitor = bench.buildVisitor({ name: 'Anna · /pricing' });
    const jid = `${visitor.local}@${visitor.host}`;
    const outcomes = await bench.courier.deliverAccountLane(visitor, [
      due({ kind: 'account.provision' }),
      due({ kind: 'xmpp.presence', nick: 'Anna', status: 'on /pricing' }),
    ]);
    expect(outcomes).to.deep.equal([{ result: 'done' }, { result: 'done' }]);
    expect(bench.ready).to.deep.equal([visitor.id]);
    await until(() => operator.presences(jid).length > 0, 'the operator sees the presence');
    const [presence] = operator.presences(jid);
    expect(presence?.getChildText('nick', 'http://jabber.org/protocol/nick')).to.equal('Anna');
    expect(presence?.getChildText('status')).to.equal('on /pricing');
    expect((await operator.rosterNames()).get(jid)).to.equal('Anna · /pricing');
    await bench.courier.deliverAccountLane(visitor, [due({ kind: 'xmpp.offline' })]);
    await until(
      () => operator.presences(jid).at(-1)?.attrs['type'] === 'unavailable',
      'the operator sees the visitor go',
    );
    expect(await bench.admin.sessions(visitor.local, visitor.host)).to.deep.equal([]);
  });

  it('answers ping, disco and version, and refuses any other query', async () => {
    const visitor = bench.buildVisitor();
    await bench.courier.deliverAccountLane(visitor, [
      due({ kind: 'account.provision' }),
      due({ kind: 'xmpp.presence', nick: 'Anna', status: '' }),
    ]);
    const ask = (id: string, child: string, xmlns: string) =>
      operator.query(
        xml('iq', { type: 'get', id, to: `${visitor.local}@${visitor.host}/foyer` }, xml(child, { xmlns })),
      );
    expect((await ask('q1', 'ping', 'urn:xmpp:ping')).attrs['type']).to.equal('result');
    const disco = (await ask('q2', 'query', 'http://jabber.org/protocol/disco#info')).getChild('query');
    expect(disco?.getChild('identity')?.attrs).to.include({ category: 'client', type: 'web' });
    const version = (await ask('q3', 'query', 'jabber:iq:version')).getChild('query');
    expect(version?.getChildText('name')).to.equal('Foyer visitor');
    const refused = await ask('q4', 'query', 'jabber:iq:last');
    expect(refused.attrs['type']).to.equal('error');
    expect(refused.getChild('error')?.getChild('service-unavailable')).to.exist;
  });

  it('delivers 500 messages in the order in which they were written', async () => {
    const visitor = bench.buildVisitor();
    await bench.provisioner.provision(visitor);
    const bodies = Array.from({ length: 500 }, (_, i) => `message ${i} of ${visitor.local}`);
    const outcomes = await bench.courier.deliverAccountLane(
      visitor,
      bodies.map((body) => text(olga(), body)),
    );
    expect(outcomes.every(({ result }) => result === 'done')).to.equal(true);
    const arrived = () => operator.bodies().filter((body) => body.endsWith(visitor.local));
    await until(() => arrived().length === 500, 'all have arrived');
    expect(arrived()).to.deep.equal(bodies);
  });

  it('gets any text through, and what XML forbids as a replacement character', async () => {
    const visitor = bench.buildVisitor();
    await bench.provisioner.provision(visitor);
    const bodies = [
      '<b>"quoted" & \'so\'</b> ]]> <![CDATA[x]]>',
      '👩‍👩‍👧 привет \u{1F600}',
      'tab\tand\nline',
      'a\u0000b\u0008c\uFFFEd\uD83De',
      '\r\nend',
    ];
    const outcomes = await bench.courier.deliverAccountLane(
      visitor,
      bodies.map((body, i) => text(olga(), body, `odd-${i}`)),
    );
    expect(outcomes.every(({ result }) => result === 'done')).to.equal(true);
    const arrived = () => operator.messages().filter(({ attrs }) => attrs['id']?.startsWith('odd-'));
    await until(() => arrived().length === bodies.length, 'all have arrived');
    expect(arrived().map((message) => message.getChildText('body'))).to.deep.equal([
      ...[bodies[0], bodies[1], bodies[2]],
      ...['a\uFFFDb\uFFFDc\uFFFDd\uFFFDe', '\nend'],
    ]);
  });

  it('asks for receipts and markers where the delivery is tracked, and for none with a notice', async () => {
    const visitor = bench.buildVisitor();
    await bench.provisioner.provision(visitor);
    await bench.courier.deliverAccountLane(visitor, [
      text(olga(), 'tracked', 'tracked-1'),
      due({ kind: 'xmpp.message', to: olga(), id: 'notice-1', body: 'notice' }),
      due({ kind: 'xmpp.receipt', to: olga(), messageId: 'from-operator' }),
    ]);
    await until(() => operator.received.some((stanza) => stanza.getChild('received')), 'the receipt has arrived');
    const [tracked, notice] = operator.messages().filter(({ attrs }) => /^(tracked|notice)-1$/.test(attrs['id'] ?? ''));
    expect(tracked?.getChild('request', 'urn:xmpp:receipts')).to.exist;
    expect(tracked?.getChild('markable', 'urn:xmpp:chat-markers:0')).to.exist;
    expect(notice?.getChild('request')).to.equal(undefined);
  });

  it('reports a message that comes back', async () => {
    const visitor = bench.buildVisitor();
    await bench.provisioner.provision(visitor);
    await bench.courier.deliverAccountLane(visitor, [text(`nobody@${visitor.host}`, 'anybody there?', 'lost-1')]);
    await until(() => bench.bounces.some(({ id }) => id === 'lost-1'), 'the bounce is reported');
    const bounce = bench.bounces.find(({ id }) => id === 'lost-1');
    expect(bounce?.account.id).to.equal(visitor.id);
    expect(bounce?.account).to.not.have.property('password');
    expect(bounce?.condition).to.not.equal('');
  });
});
