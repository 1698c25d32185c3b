import { xml, type Element } from '@xmpp/client';
import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { Host, type Tenant, type TenantOperator } from '../../support/hosting.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';

const NS = {
  muc: 'http://jabber.org/protocol/muc',
  info: 'http://jabber.org/protocol/disco#info',
  items: 'http://jabber.org/protocol/disco#items',
  pubsub: 'http://jabber.org/protocol/pubsub',
  search: 'jabber:iq:search',
};

interface Person {
  operator: TenantOperator;
  client: OperatorClient;
}

/** Whatever a client asks of ejabberd itself, past the bridge. */
describe('operators of two instances on one host', function () {
  this.timeout(60_000);
  let foyer: TestFoyer;
  let host: Host;
  let anna: Person;
  let bert: Person;
  let colleague: Person;
  let owner: OperatorClient;

  before(async function () {
    this.timeout(120_000);
    foyer = await TestFoyer.start();
    host = await Host.of(foyer);
    const one = await host.tenant('one');
    const two = await host.tenant('two');
    anna = await person(one, 'anna');
    colleague = await person(one, 'cora');
    bert = await person(two, 'bert');
    owner = await foyer.operator('olga');
    await bert.client.presence(undefined, 'Secret status of bert');
  });

  after(async () => {
    await host.end();
    await foyer.stop();
  });

  async function person(tenant: Tenant, name: string): Promise<Person> {
    const operator = await host.operator(tenant, name);
    return { operator, client: await host.online(operator) };
  }

  const bare = (client: OperatorClient) => client.jid.split('/')[0] ?? '';

  /** Resolves with what is answered; the id is made up. */
  async function ask(client: OperatorClient, stanza: Element): Promise<Element> {
    const id = crypto.randomUUID();
    stanza.attrs['id'] = id;
    await client.send(stanza);
    return client.expect(`an answer to ${stanza.toString()}`, (one) => one.attrs['id'] === id);
  }

  /** What has come for this client until now is there when this resolves. */
  async function settled(client: OperatorClient): Promise<void> {
    await ask(client, xml('iq', { type: 'get', to: foyer.ejabberd.host }, xml('ping', { xmlns: 'urn:xmpp:ping' })));
  }

  const questions = (to: string) => [
    xml('message', { to, type: 'chat' }, xml('body', {}, 'Hello stranger')),
    ...['vcard-temp', 'jabber:iq:last', 'jabber:iq:version', 'urn:xmpp:time'].map((xmlns) =>
      xml('iq', { to, type: 'get' }, xml(xmlns === 'vcard-temp' ? 'vCard' : 'query', { xmlns })),
    ),
    ...[NS.info, NS.items].map((xmlns) => xml('iq', { to, type: 'get' }, xml('query', { xmlns }))),
    xml('iq', { to, type: 'get' }, xml('pubsub', { xmlns: NS.pubsub }, xml('items', { node: 'urn:xmpp:avatar:data' }))),
  ];

  it('get the same answer about each other as about nobody', async () => {
    const { host: domain } = foyer.ejabberd;
    for (const [client, theirs, nobodys] of [
      [anna.client, bare(bert.client), `nobody.two@${domain}`],
      [anna.client, bert.client.jid, `nobody.two@${domain}/nowhere`],
      [anna.client, bare(owner), `nobody@${domain}`],
      [owner, bare(bert.client), `nobody.two@${domain}`],
    ] as const) {
      const [there, nowhere] = [questions(theirs), questions(nobodys)];
      for (const [i, question] of there.entries()) {
        const what = `${client.jid} asks: ${question.toString()}`;
        const answers = [];
        for (const stanza of [question, nowhere[i] as Element]) {
          const { to } = stanza.attrs as { to: string };
          answers.push(
            (await ask(client, stanza))
              .toString()
              .replaceAll(to, 'it')
              .replace(/ id="[^"]*"/, ''),
          );
        }
        expect(answers[0], what).to.equal(answers[1]).and.include('error');
      }
    }
    await settled(bert.client);
    await settled(owner);
    expect(bert.client.received.map(String).join()).not.to.include('Hello stranger');
    for (const { received } of [bert.client, owner])
      expect(received.map(({ attrs }) => attrs['from']).join()).not.to.include('anna.one');
  });

  it('see nothing of each other by presence, however they ask', async () => {
    for (const type of ['subscribe', 'probe', 'subscribed'] as const) {
      await anna.client.send(xml('presence', { to: bare(bert.client), type }));
      await bert.client.send(xml('presence', { to: bare(anna.client), type }));
    }
    await anna.client.send(xml('presence', { to: bert.client.jid }, xml('status', {}, 'Look at me')));
    const item = xml('item', { jid: bare(bert.client), name: 'Bert' });
    await ask(anna.client, xml('iq', { type: 'set' }, xml('query', { xmlns: 'jabber:iq:roster' }, item)));
    // As if they had been friends before there was a wall.
    for (const [one, other] of [
      [anna, bert],
      [bert, anna],
    ] as const)
      await foyer.ejabberd.ctl(
        ...(['add_rosteritem', one.operator.login.user, one.operator.login.host] as const),
        ...([other.operator.login.user, other.operator.login.host, 'Friend', 'Friends', 'both'] as const),
      );
    const again = await host.online(bert.operator);
    await again.presence('away', 'Secret status of bert');
    await settled(again);
    await settled(anna.client);
    await settled(bert.client);
    const heard = [anna.client, bert.client, again].map(({ received }) => received.filter((one) => one.is('presence')));
    expect(heard[0]?.map(String).join()).not.to.include('bert.two');
    for (const presences of heard.slice(1)) expect(presences.map(String).join()).not.to.include('anna.one');
  });

  it('have rooms that the others neither find nor enter', async () => {
    const service = `conference.${foyer.ejabberd.host}`;
    const enter = async (client: OperatorClient, room: string): Promise<Element> => {
      const already = client.received.length;
      const occupant = `${room}/${bare(client)}`;
      await client.send(xml('presence', { to: occupant }, xml('x', { xmlns: NS.muc })));
      const about = (one: Element) => one.is('presence') && one.attrs['from'] === occupant;
      return until(() => client.received.slice(already).find(about), `an answer of ${room}`);
    };
    const rooms = [
      [`talk.one@${service}`, anna.client],
      [`talk.two@${service}`, bert.client],
      [`talk@${service}`, owner],
    ] as const;
    for (const [room, client] of rooms) {
      expect((await enter(client, room)).attrs['type'], room).to.equal(undefined);
      const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
      await ask(client, xml('iq', { to: room, type: 'set' }, xml('query', { xmlns: `${NS.muc}#owner` }, form)));
    }
    expect((await enter(colleague.client, `talk.one@${service}`)).attrs['type']).to.equal(undefined);
    for (const [room, client] of rooms) {
      const listed = await ask(client, xml('iq', { to: service, type: 'get' }, xml('query', { xmlns: NS.items })));
      const names = listed
        .getChild('query')
        ?.getChildren('item')
        .map(({ attrs }) => attrs['jid']);
      expect(names, client.jid).to.deep.equal([room]);
      for (const [other] of rooms.filter(([name]) => name !== room)) {
        expect((await enter(client, other)).attrs['type'], `${client.jid} into ${other}`).to.equal('error');
        for (const xmlns of [NS.info, NS.items]) {
          const answer = await ask(client, xml('iq', { to: other, type: 'get' }, xml('query', { xmlns })));
          expect(answer.attrs['type']).to.equal('error');
        }
      }
    }
    const invite = xml('invite', { to: bare(bert.client) }, xml('reason', {}, 'Come to talk.one'));
    await anna.client.send(
      xml('message', { to: `talk.one@${service}` }, xml('x', { xmlns: `${NS.muc}#user` }, invite)),
    );
    await settled(anna.client);
    await settled(bert.client);
    const messages = bert.client.received.filter((one) => one.is('message') && one.attrs['type'] !== 'error');
    expect(messages.map(String).join()).not.to.include('talk.one@');
  });

  it('leave nothing for each other where all may publish', async () => {
    const service = `pubsub.${foyer.ejabberd.host}`;
    const create = () =>
      xml('iq', { to: service, type: 'set' }, xml('pubsub', { xmlns: NS.pubsub }, xml('create', { node: 'notes' })));
    expect((await ask(anna.client, create())).attrs['type']).to.equal('error');
    expect((await ask(owner, create())).attrs['type']).to.equal('result');
    const nodes = xml('iq', { to: service, type: 'get' }, xml('query', { xmlns: NS.items }));
    expect((await ask(bert.client, nodes)).attrs['type']).to.equal('error');
  });

  it('and talk among themselves as before', async () => {
    await anna.client.say(bare(colleague.client), 'Shall I take it?');
    await until(() => colleague.client.texts(bare(anna.client)).includes('Shall I take it?'), 'a colleague’s words');
    const card = xml('iq', { to: bare(colleague.client), type: 'get' }, xml('vCard', { xmlns: 'vcard-temp' }));
    expect((await ask(anna.client, card)).getChild('vCard')?.getChildText('FN')).to.equal('cora');
  });
});
