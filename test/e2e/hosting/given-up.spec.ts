import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { Host, type Tenant } from '../../support/hosting.js';
import { until } from '../../support/until.js';

interface Dead {
  dead: { id: number; kind: string; lane: string }[];
}
interface Rejected {
  events: { id: string; code: string; event: { from: string; body: string } }[];
}

/** The service account speaks for all instances of a host, `main` among them: what is given up of it is still one instance's alone. */
describe('what was given up', function () {
  this.timeout(60_000);
  let foyer: TestFoyer;
  let host: Host;
  let shop: Tenant;
  let others: [name: string, key: string][];

  before(async function () {
    this.timeout(120_000);
    // Rooms can't be made there: the service account's lane has dead letters.
    foyer = await TestFoyer.start({ environment: { FOYER_EJABBERD_ROOMS_SERVICE: 'nowhere.{host}' } });
    host = await Host.of(foyer);
    shop = await host.tenant('shop');
    others = [
      ['other', (await host.tenant('other')).key],
      ['main', await host.keyOf(1)],
    ];
  });

  after(async () => {
    await host.end();
    await foyer.stop();
  });

  /** As if what can't be done about rooms had been tried for days. */
  async function giveUp(): Promise<void> {
    const { pool } = foyer.bridge.core;
    await pool.query("UPDATE outbox SET created_at = NOW(3) - INTERVAL 30 DAY WHERE entry LIKE '%room.%'");
    await pool.query('UPDATE lanes SET due_at = NOW(3) WHERE due_at > NOW(3)');
  }

  it('of the service account’s lane is shown to the instance that it is about', async () => {
    await host.call('PUT', `/departments/${shop.department}/room-pool`, { size: 1 }, shop.key);
    const dead = await until(async () => {
      await giveUp();
      const found = await host.call<Dead>('GET', '/outbox/dead', undefined, shop.key);
      return found.dead.length > 0 ? found.dead : undefined;
    }, 'a dead letter');
    // No more of them.
    await host.call('DELETE', `/departments/${shop.department}/room-pool`, undefined, shop.key);
    const [service] = await foyer.select("SELECT id FROM accounts WHERE kind = 'service'");
    expect(dead[0]).to.include({ kind: 'room.make', lane: `a:${service?.['id']}` });
    for (const [name, key] of others) {
      expect((await host.call<Dead>('GET', '/outbox/dead', undefined, key)).dead, name).to.deep.equal([]);
      expect((await host.ask('POST', `/outbox/dead/${dead[0]?.id}/resend`, {}, key)).status, name).to.equal(404);
    }
    expect((await host.ask('DELETE', `/outbox/dead/${dead[0]?.id}`, undefined, shop.key)).status).to.equal(204);
  });

  it('waits in that lane under the instance that it is about', async () => {
    const anna = await host.operator(shop, 'anna');
    const client = await host.online(anna);
    // Nobody serves lanes for a moment.
    await foyer.stopBridge();
    await foyer.startBridge({ roles: ['http'] });
    await client.say(`foyer@${shop.host}`, '!waiting');
    const depth = async (key: string): Promise<number> => {
      const { lanes } = await host.call<{ lanes: { depth: number }[] }>('GET', '/outbox', undefined, key);
      return lanes.reduce((sum, lane) => sum + lane.depth, 0);
    };
    await until(async () => (await depth(shop.key)) > 0, 'the answer in the outbox');
    const [other = 0, main = 0] = await Promise.all(others.map(([, key]) => depth(key)));
    // The bridge itself wants the service account to be seen again.
    const own = await foyer.select("SELECT id FROM outbox WHERE entry LIKE '%xmpp.presence%'");
    expect([other, main]).to.deep.equal([0, own.length]);
    await foyer.stopBridge();
    await foyer.startBridge();
    await until(async () => {
      await giveUp();
      return client.texts(`foyer@${shop.host}`).length > 0;
    }, 'the answer');
  });

  it('of what operators said is shown to their instance, which can have it taken again', async () => {
    const bert = await host.operator(shop, 'bert');
    const client = await host.online(bert);
    const contact = await host.visitor(shop, '7');
    const begin = { desk: 'main', visitor: { external_id: '7' }, text: 'Is it there?' };
    const { chat } = await host.call<{ chat: { id: number } }>('POST', '/chats', begin, shop.key);
    await until(() => client.texts(contact).includes('Is it there?'), 'the question');
    const pool = foyer.bridge.core.pool;
    await pool.query('RENAME TABLE message_versions TO versions_away, messages TO messages_away');
    await client.say(contact, 'It is here');
    await until(async () => (await foyer.select('SELECT id FROM rejected_events')).length > 0, 'it is rejected');
    await pool.query('RENAME TABLE versions_away TO message_versions, messages_away TO messages');
    const { events } = await host.call<Rejected>('GET', '/events/rejected', undefined, shop.key);
    expect(events).to.have.length(1);
    expect(events[0]?.event).to.include({ body: 'It is here' });
    const path = `/events/rejected/${events[0]?.id}/retry`;
    for (const [name, key] of others) {
      expect((await host.call<Rejected>('GET', '/events/rejected', undefined, key)).events, name).to.deep.equal([]);
      expect((await host.ask('POST', path, {}, key)).status, name).to.equal(404);
    }
    await host.call('POST', path, {}, shop.key);
    const { messages } = await host.call<{ messages: { text: string }[] }>(
      ...(['GET', `/chats/${chat.id}/messages`, undefined, shop.key] as const),
    );
    expect(messages.map(({ text }) => text)).to.include('It is here');
    expect((await host.call<Rejected>('GET', '/events/rejected', undefined, shop.key)).events).to.deep.equal([]);
  });
});
