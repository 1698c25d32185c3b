import { xml } from '@xmpp/client';
import { expect } from 'chai';
import { composeJobs } from '../../../bridge/compose-jobs.js';
import type { Settings } from '../../../bridge/config/settings.js';
import { TestFoyer } from '../../support/bridge.js';
import { Host, type Tenant, type TenantOperator } from '../../support/hosting.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { withCommands } from '../rooms/in-rooms.js';

const SECOND = 'second.localhost';

interface Side {
  tenant: Tenant;
  anna: TenantOperator;
  client: OperatorClient;
  contact: string;
}

/** One bridge, one ejabberd, two virtual hosts: the same names on both. */
describe('instances on two hosts', () => {
  let foyer: TestFoyer;
  let host: Host;
  let first: Side;
  let second: Side;

  before(async function () {
    this.timeout(120_000);
    foyer = await TestFoyer.start({ extraHosts: [SECOND] });
    host = await Host.of(foyer);
    first = await side('one', undefined);
    second = await side('two', SECOND);
  });

  after(async () => {
    await host.end();
    await foyer.stop();
  });

  async function side(name: string, on: string | undefined): Promise<Side> {
    const tenant = await host.tenant(name, on === undefined ? {} : { host: on });
    const anna = await host.operator(tenant, 'anna');
    const client = await host.online(anna);
    const contact = await host.visitor(tenant, '7');
    await until(() => sees(client, contact), `${contact} at ${anna.jid}`);
    return { tenant, anna, client, contact };
  }

  it('has the accounts of each on its own host', async () => {
    expect(first.anna.jid).to.equal(`anna.one@${foyer.ejabberd.host}`);
    expect(second.anna.jid).to.equal(`anna.two@${SECOND}`);
    expect(second.contact).to.match(new RegExp(`^visitor\\.\\d+\\.two@${SECOND}$`));
    for (const each of [foyer.ejabberd.host, SECOND])
      expect(await foyer.ejabberd.ctl('registered_users', each)).to.include('foyer');
  });

  it('carries chats both ways on both, each to its own', async () => {
    const chats = [];
    for (const { tenant, client, contact } of [first, second]) {
      const text = `A question to ${tenant.name}`;
      const { chat } = await host.call<{ chat: { id: number } }>(
        ...(['POST', '/chats', { desk: 'main', visitor: { external_id: '7' }, text }, tenant.key] as const),
      );
      await until(() => client.texts(contact).includes(text), `${text} at ${client.jid}`);
      await client.say(contact, `An answer of ${tenant.name}`);
      chats.push(chat.id);
    }
    for (const [i, { tenant }] of [first, second].entries()) {
      const path = `/chats/${chats[i]}/messages`;
      const texts = await until(async () => {
        const all = await host.call<{ messages: { text: string }[] }>('GET', path, undefined, tenant.key);
        return all.messages.length > 1 && all.messages.map(({ text }) => text);
      }, `the answer in ${tenant.name}`);
      expect(texts).to.deep.equal([`A question to ${tenant.name}`, `An answer of ${tenant.name}`]);
    }
    expect(first.client.texts().join()).not.to.include('two');
    expect(second.client.texts().join()).not.to.include('one');
  });

  it('shows nobody of the other host', () => {
    for (const [{ client }, other] of [
      [first, SECOND],
      [second, `@${foyer.ejabberd.host}`],
    ] as const)
      expect(
        client.received
          .map(String)
          .join('\n')
          .replaceAll(/ to="[^"]*"/g, ''),
      ).not.to.include(other);
  });

  it('lets nobody write to a contact of the other host, even under the same name', async () => {
    const before = await foyer.select('SELECT * FROM messages');
    const id = await first.client.say(second.contact, 'Hello over there');
    const namesake = `${second.contact.split('@')[0]}@${foyer.ejabberd.host}`;
    const other = await first.client.say(namesake, 'Hello to nobody');
    for (const each of [id, other])
      await first.client.expect(
        'a refusal',
        (stanza) => stanza.attrs['id'] === each && stanza.attrs['type'] === 'error',
      );
    await first.client.send(xml('presence', { to: second.contact, type: 'subscribe' }));
    await first.client.send(
      xml('iq', { to: second.contact, type: 'get', id: 'v1' }, xml('vCard', { xmlns: 'vcard-temp' })),
    );
    const answer = await first.client.expect('an answer', (stanza) => stanza.attrs['id'] === 'v1');
    expect(answer.attrs['type']).to.equal('error');
    expect(await foyer.select('SELECT * FROM messages')).to.deep.equal(before);
  });

  it('hears of operators who come and go on both', async () => {
    await second.client.stop();
    await until(async () => (await host.show(second.anna.id)) === 'offline', 'the second offline');
    expect(await host.show(first.anna.id)).to.equal('available');
    second.client = await host.online(second.anna);
  });

  it('keeps the rooms of both in agreement with ejabberd, also where another host can’t be asked', async function () {
    this.timeout(60_000);
    for (const { tenant } of [first, second])
      await host.call('PUT', `/departments/${tenant.department}/room-pool`, { size: 2 }, tenant.key);
    const available = async (on: string): Promise<string[]> => {
      const sql = "SELECT name FROM rooms WHERE state = 'available' AND service = ?";
      return (await foyer.select(sql, [`conference.${on}`])).map((row) => row['name'] as string);
    };
    for (const on of [foyer.ejabberd.host, SECOND])
      await until(async () => (await available(on)).length === 2, `rooms on ${on}`);
    const sync = (settings: Settings) =>
      composeJobs({ ...foyer.bridge.core, settings }).find(({ name }) => name === 'sync-rooms');
    await until(async () => (await sync(foyer.settings)?.run())?.['rooms'] === 4, 'all four looked at');
    const [known = ''] = await available(SECOND);
    const forgotten = `${known.split('-').slice(0, 2).join('-')}-forgotten`;
    const specs = [{ room: forgotten, password: 'x', title: 'Nobody’s', may: '' }];
    await withCommands(foyer, (commands) => commands.createRooms(SECOND, `conference.${SECOND}`, 5, specs));
    const { ejabberd } = foyer.settings;
    const failing = sync({ ...foyer.settings, ejabberd: { ...ejabberd, hosts: ['nowhere.localhost', SECOND] } });
    await until(async () => {
      await failing?.run().catch(() => undefined);
      const there = await withCommands(foyer, (commands) => commands.rooms(SECOND));
      return !there.some(({ jid }) => jid.startsWith(forgotten)) && there.length === 2;
    }, 'the forgotten one removed, and no other');
  });

  it('removes an instance from its host alone', async function () {
    this.timeout(60_000);
    await host.call('POST', '/instances/two/suspend');
    await host.call('POST', '/instances/two/destroy', { name: 'two' });
    await host.settled('two');
    await until(async () => !(await foyer.ejabberd.ctl('srg_list', SECOND)).includes('.two'), 'the groups gone');
    expect((await foyer.ejabberd.ctl('registered_users', SECOND)).trim().split('\n')).to.deep.equal(['foyer']);
    expect(await foyer.ejabberd.ctl('srg_get_members', 'visitors.one', foyer.ejabberd.host)).to.include('visitor.');
  });
});

function sees({ received }: OperatorClient, contact: string): boolean {
  return received.some((stanza) => stanza.is('presence') && stanza.attrs['from']?.split('/')[0] === contact);
}
