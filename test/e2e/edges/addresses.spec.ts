import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, notices, pingServer, recordOnceLater, refusalOf, type Talk } from './talk.js';

describe('who may write to whom', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let host: string;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start();
    host = foyer.settings.ejabberd.host;
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  after(() => foyer.stop());

  /** An account of the host that is nobody's operator. */
  async function stranger(user: string): Promise<OperatorClient> {
    await foyer.ejabberd.ctl('register', user, host, 'pass-of-a-test');
    return foyer.client({ user, password: 'pass-of-a-test' }, { silent: true });
  }

  /** A second session of the visitor's own account. */
  async function visitorClient(): Promise<OperatorClient> {
    const user = talk.contact.split('@')[0] ?? '';
    const [row] = await foyer.select('SELECT password_box FROM accounts WHERE local = ?', [user]);
    const password = foyer.bridge.core.box.open(row?.['password_box'] as Buffer);
    return foyer.client({ user, password }, { silent: true, resource: 'thief' });
  }

  it('takes a receiver in capitals, the bare and the full address', async () => {
    await anna.say(talk.contact.toUpperCase(), 'capitals');
    await anna.say(talk.contact, 'bare');
    await anna.say(`${talk.contact}/foyer`, 'full');
    await anna.say(`${talk.contact}/no-such-resource`, 'elsewhere');
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', 'capitals', 'bare', 'full', 'elsewhere']);
  });

  it('doesn’t take look-alikes of visitors for visitors, and their sender is told', async () => {
    const number = talk.contact.replace(/\D/g, '');
    const before = foyer.gate.bodies.length;
    for (const to of [
      `visitor.${number}@other.server`,
      `visitorx${number}@${host}`,
      `visitor.x@${host}`,
      `visitor${number}@${host}`,
    ]) {
      const id = await anna.say(to, `to ${to}`);
      expect((await refusalOf(anna, id)).condition, to).to.not.equal('');
    }
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
    expect(foyer.gate.bodies.slice(before).join('')).to.not.contain('other.server').and.not.contain('visitorx');
  });

  it('tells an operator who writes to a visitor that doesn’t exist', async () => {
    await anna.say(`visitor.987654@${host}`, 'Anybody there?');
    const service = `${foyer.settings.ejabberd.service_account}@${host}`;
    await until(
      () => anna.texts(service).some((text) => text.includes(`There is no contact visitor.987654@${host}`)),
      'a word of it',
    );
    expect(await foyer.select("SELECT id FROM rejected_events WHERE event LIKE '%987654%'")).to.deep.equal([]);
  });

  it('refuses somebody who isn’t an operator, visibly, and records nothing', async () => {
    const mallory = await stranger('mallory');
    for (const to of [talk.contact, `${talk.contact}/foyer`]) {
      const id = await mallory.say(to, 'Psst');
      expect((await refusalOf(mallory, id)).condition).to.equal('forbidden');
    }
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
    expect(foyer.gate.bodies.join('')).to.not.contain('Psst');
  });

  it('sends no presence of somebody who isn’t an operator', async () => {
    const trent = await stranger('trent');
    await trent.presence('away', 'not for you');
    await pingServer(trent, host);
    // An operator's own presence after it shows that what went before has been looked at.
    await anna.presence('dnd', 'marker of a test');
    await until(() => foyer.gate.bodies.some((body) => body.includes('marker of a test')), 'the operator’s presence');
    expect(foyer.gate.bodies.join('')).to.not.contain('trent');
    await anna.presence();
  });

  it('walls a visitor’s account in: other visitors, strangers and other servers are out of reach', async () => {
    const visitor = await visitorClient();
    const neighbour = await beginTalk(foyer, anna, 'I am the neighbour');
    const peggy = await stranger('peggy');
    await peggy.presence();
    const targets = [
      neighbour.contact,
      `${neighbour.contact}/foyer`,
      `peggy@${host}`,
      peggy.jid,
      'somebody@other.server',
      host,
      'room@conference.other.server',
    ];
    for (const to of targets) {
      const id = await visitor.say(to, 'Let me in');
      const { condition } = await refusalOf(visitor, id);
      expect(['not-allowed', 'forbidden'], `${condition} for ${to}`).to.include(condition);
    }
    await pingServer(peggy, host);
    expect(peggy.texts()).to.deep.equal([]);
    expect(await recordOnceLater(foyer, anna, neighbour)).to.deep.equal(['I am the neighbour']);
  });

  it('keeps a visitor’s account out of rooms, and its presence and questions from strangers', async () => {
    const visitor = await visitorClient();
    const oscar = await stranger('oscar');
    await oscar.presence();
    const disco = () => xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' });
    for (const [id, stanza] of Object.entries({
      'room-in': xml(
        'presence',
        { to: `lobby@conference.${host}/visitor` },
        xml('x', { xmlns: 'http://jabber.org/protocol/muc' }),
      ),
      'room-say': xml('message', { to: `lobby@conference.${host}`, type: 'groupchat' }, xml('body', {}, 'Hello all')),
      'presence-to': xml('presence', { to: oscar.jid }, xml('status', {}, 'look at me')),
      'iq-to': xml('iq', { to: oscar.jid, type: 'get' }, disco()),
      'iq-account': xml('iq', { to: `oscar@${host}`, type: 'get' }, xml('vCard', { xmlns: 'vcard-temp' })),
      'iq-room': xml('iq', { to: `conference.${host}`, type: 'get' }, disco()),
    })) {
      stanza.attrs['id'] = id;
      await visitor.send(stanza);
      expect(['not-allowed', 'forbidden'], id).to.include((await refusalOf(visitor, id)).condition);
    }
    await pingServer(oscar, host);
    expect(
      oscar.received.map(String).filter((one) => one.includes('look at me') || one.includes('disco#info')),
    ).to.deep.equal([]);
  });

  it('lets a visitor’s account neither fill its roster, nor subscribe, nor rename itself', async () => {
    const visitor = await visitorClient();
    const iq = async (id: string, to: string | undefined, child: Parameters<OperatorClient['send']>[0]) => {
      await visitor.send(xml('iq', { type: 'set', id, ...(to === undefined ? {} : { to }) }, child));
      return refusalOf(visitor, id);
    };
    const item = xml('item', { jid: anna.jid.split('/')[0], name: 'Boss' });
    expect((await iq('roster', undefined, xml('query', { xmlns: 'jabber:iq:roster' }, item))).condition).to.equal(
      'not-allowed',
    );
    expect(
      (await iq('vcard', undefined, xml('vCard', { xmlns: 'vcard-temp' }, xml('FN', {}, 'The boss')))).condition,
    ).to.equal('not-allowed');
    expect(
      (await iq('register', host, xml('query', { xmlns: 'jabber:iq:register' }, xml('remove')))).condition,
    ).to.equal('not-allowed');
    await visitor.send(xml('presence', { type: 'subscribe', to: `peggy@${host}`, id: 'subscribe' }));
    expect(['not-allowed', 'forbidden']).to.include((await refusalOf(visitor, 'subscribe')).condition);
  });

  it('answers whoever writes to the service account', async () => {
    const service = `${foyer.settings.ejabberd.service_account}@${host}`;
    await anna.say(service, 'What now?');
    await until(() => notices(anna, service).some((text) => text.includes('Write to a visitor’s contact')), 'help');
  });
});
