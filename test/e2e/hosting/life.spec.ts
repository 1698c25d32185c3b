import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xml } from '@xmpp/client';
import { expect } from 'chai';
import { OWNED_TABLES } from '../../../bridge/storage/instance-tables.js';
import { TestFoyer } from '../../support/bridge.js';
import { Host, type Tenant, type TenantOperator } from '../../support/hosting.js';
import { operatorClient, type OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';

describe('the life of an instance', () => {
  let foyer: TestFoyer;
  let host: Host;
  let shop: Tenant;
  let anna: TenantOperator;
  let client: OperatorClient;
  let page: Page;
  let contact: string;
  let other: Tenant;

  before(async function () {
    this.timeout(120_000);
    foyer = await TestFoyer.start({
      environment: { FOYER_HELPDESK_CALLBACK_PATTERN: 'https://{instance}.example.org/foyer' },
    });
    host = await Host.of(foyer);
    shop = await host.tenant('shop', { title: 'The shop', language: 'de', limits: { operators: 1, open_chats: 1 } });
    anna = await host.operator(shop, 'anna');
    client = await host.online(anna);
    page = foyer.page();
    await page.visit({ instance: 'shop', nick: 'Vera' });
    const { id } = await page.startChat('Where is my parcel?');
    contact = `visitor.${page.visitorId}.shop@${shop.host}`;
    await until(() => client.texts(contact).includes('Where is my parcel?'), 'the question at the operator');
    await client.say(contact, 'On its way');
    await page.untilMessages(id, 'the answer on the page', (all) => all.some(({ text }) => text === 'On its way'));
  });

  after(async () => {
    await host.end();
    await foyer.stop();
  });

  /** All that ejabberd keeps, as text. */
  async function onDisk(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'foyer-dump-'));
    await chmod(dir, 0o777);
    try {
      const file = join(dir, 'dump');
      let text = '';
      for (const args of [
        ['dump', file],
        ...['archive_msg', 'offline_msg'].map((table) => ['dump_table', file, table]),
      ]) {
        await foyer.ejabberd.ctl(...(args as [string, ...string[]]));
        text += await readFile(file, 'utf8');
      }
      return text;
    } finally {
      await rm(dir, { recursive: true });
    }
  }

  it('begins with a key of its own, and callbacks by the pattern', async () => {
    expect(await host.instance('shop')).to.include({ state: 'active', callback_url: 'https://shop.example.org/foyer' });
    expect(anna.jid).to.equal(`anna.shop@${shop.host}`);
    const repeated = await host.ask('POST', '/instances', { name: 'shop' });
    expect(repeated).to.include({ status: 409 });
    expect((await host.ask('POST', '/instances', { name: 'chat' })).status).to.equal(422);
    expect((await host.ask('POST', '/instances', { name: 'far', host: 'elsewhere.example' })).status).to.equal(422);
    await foyer.addOperator('anna.lee');
    expect((await host.ask('POST', '/instances', { name: 'lee' })).status).to.equal(409);
    const [row] = await foyer.select('SELECT language FROM operators WHERE id = ?', [anna.id]);
    expect(row?.['language']).to.equal('de');
  });

  it('holds to its limits', async () => {
    const second = await host.ask<{ code: string }>('POST', '/operators', { username: 'bert', name: 'Bert' }, shop.key);
    expect(second.body.code).to.equal('limit_reached');
    const other = foyer.page();
    await other.visit({ instance: 'shop' });
    const chat = await other.call<{ code: string }>('POST', '/chats', { desk: 'main', text: 'Me too' });
    expect(chat.body.code).to.equal('desk_closed');
    await host.call('PATCH', '/instances/shop', { limits: { visitors_online: 1, open_chats: null } });
    const third = foyer.page();
    await third.visit({ instance: 'shop' });
    const put = await host.ask<{ code: string }>('PUT', '/visitors/7/presence', { desk: 'main' }, shop.key);
    expect(put.body.code).to.equal('limit_reached');
    expect(await host.accountState(`visitor.${third.visitorId}.shop@${shop.host}`)).to.equal(undefined);
    await host.call('PATCH', '/instances/shop', { limits: { visitors_online: null, operators: null } });
  });

  it('holds to its limits of a minute, without another instance noticing', async () => {
    const free = await host.tenant('free');
    await host.call('PATCH', '/instances/shop', { limits: { messages_per_minute: 2, requests_per_minute: 30 } });
    const flood = async (ask: () => Promise<{ status: number; body: { code?: string } }>) =>
      until(async () => {
        const { status, body } = await ask();
        return status === 429 ? body.code : undefined;
      }, 'a refusal');
    const chats = await host.call<{ chats: { id: number }[] }>('GET', '/chats', undefined, shop.key);
    const path = `/chats/${chats.chats[0]?.id}/messages`;
    const say = () =>
      page.call<{ code?: string }>('POST', path, { client_message_id: crypto.randomUUID(), text: 'Hm' });
    expect(await flood(say)).to.equal('rate_limited');
    expect(await flood(() => host.ask('GET', '/chats', undefined, shop.key))).to.equal('rate_limited');
    expect((await host.ask('GET', '/chats', undefined, free.key)).status).to.equal(200);
    await host.call('PATCH', '/instances/shop', { limits: { messages_per_minute: null, requests_per_minute: null } });
    await until(async () => (await host.ask('GET', '/chats', undefined, shop.key)).status === 200, 'no limit again');
    expect((await say()).status).to.equal(202);
  });

  it('is exported whole and without secrets', async () => {
    const { raw, status } = await host.ask('GET', '/instances/shop/export');
    expect(status).to.equal(200);
    const lines = raw
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { table?: string; rows?: number });
    expect(lines.at(-1)).to.deep.equal({ end: true, rows: lines.length - 1 });
    expect(lines.map(({ table }) => table)).to.include.members([
      'instances',
      'chats',
      'messages',
      'visitors',
      'operators',
      'desks',
      'audit',
    ]);
    expect(raw).to.include('Where is my parcel?').and.include('Vera').and.include('On its way');
    expect(raw)
      .not.to.match(/_box|_hash|"opener"/)
      .and.not.to.include(shop.key)
      .and.not.to.include(anna.login.password);
  });

  it('lets nobody in while it is suspended, and tells its operators', async () => {
    await host.call('POST', '/instances/shop/suspend');
    await host.call('POST', '/instances/shop/suspend');
    const stranger = foyer.page();
    const refused = [
      await page.call<{ code: string }>('POST', '/visits', { desk: 'main' }),
      await stranger.call<{ code: string }>('POST', '/visits', { desk: 'main', instance: 'shop' }),
      await stranger.call<{ code: string }>('GET', '/desks/main?instance=shop'),
    ];
    for (const { status, body } of refused) expect([status, body.code]).to.deep.equal([403, 'instance_suspended']);
    // Keys are remembered for two seconds.
    await until(
      async () =>
        (await host.ask<{ code?: string }>('GET', '/chats', undefined, shop.key)).body.code === 'instance_suspended',
      'the key refused',
    );
    await until(
      () => client.texts().some((text) => text.includes('Foyer ist für dieses Konto gesperrt')),
      'the notice',
    );
    expect(await host.settled('shop')).to.deep.include({ state: 'suspended' });
    const [chat] = await foyer.select(
      "SELECT chats.state, chats.closed_by FROM chats JOIN instances ON instances.id = chats.instance_id WHERE name = 'shop'",
    );
    expect(chat).to.deep.include({ state: 'closed', closed_by: 'system' });
    await until(async () => (await host.show(anna.id)) === 'offline', 'the operator is out');
    await untilRefused(anna);
  });

  it('goes on where it was when it is resumed', async () => {
    await host.call('POST', '/instances/shop/resume');
    await host.call('POST', '/instances/shop/resume');
    await until(async () => (await host.accountState(anna.jid)) === 'ready', 'the account again');
    client = await host.online(anna);
    await page.visit({ instance: 'shop' });
    await page.startChat('Are you there again?');
    await until(() => client.texts(contact).includes('Are you there again?'), 'the next question');
  });

  it('has rooms, an archive and messages that wait, beside those of another instance', async () => {
    other = await host.tenant('other');
    for (const tenant of [shop, other]) {
      await host.call('PUT', `/departments/${tenant.department}/room-pool`, { size: 1 }, tenant.key);
      const { login } = tenant === shop ? anna : await host.operator(tenant, 'olaf');
      const talker = tenant === shop ? client : await operatorClient(login);
      const room = `talk.${tenant.name}@conference.${tenant.host}`;
      await talker.send(xml('presence', { to: `${room}/Me` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })));
      await talker.expect('the room', (one) => one.is('presence') && one.attrs['from'] === `${room}/Me`);
      const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, field('muc#roomconfig_persistentroom', '1'));
      await talker.send(xml('iq', { to: room, type: 'set', id: 'own' }, xml('query', { xmlns: MUC_OWNER }, form)));
      await talker.expect('the room’s form', (one) => one.attrs['id'] === 'own');
      await talker.say(`foyer@${tenant.host}`, '!help');
      await until(() => talker.texts(`foyer@${tenant.host}`).length > 0, 'an answer of the service account');
      const idle = await host.operator(tenant, 'idle');
      await talker.say(idle.jid, `Waiting for the idle one of ${tenant.name}`);
      if (tenant === other) await talker.stop();
    }
    await until(
      async () => (await foyer.select("SELECT id FROM rooms WHERE state = 'available'")).length === 2,
      'rooms',
    );
    await until(async () => {
      const kept = await onDisk();
      return kept.includes('one of shop') && kept.includes('one of other');
    }, 'the archive written');
  });

  it('is destroyed only when it is suspended and named twice', async () => {
    expect((await host.ask('POST', '/instances/shop/destroy', { name: 'shop' })).status).to.equal(409);
    await host.call('POST', '/instances/shop/suspend');
    expect((await host.ask('POST', '/instances/shop/destroy', { name: 'shopp' })).status).to.equal(422);
    expect((await host.ask('POST', '/instances/main/destroy', { name: 'main' })).status).to.equal(409);
    expect((await host.ask('POST', '/instances/nobody/destroy', { name: 'nobody' })).status).to.equal(404);
  });

  it('leaves nothing but its name and what the audit says, though the bridge dies in between', async function () {
    this.timeout(120_000);
    const [own] = await foyer.select("SELECT id FROM instances WHERE name = 'shop'");
    await host.call('POST', '/instances/shop/destroy', { name: 'shop' });
    // Accounts are gone by the first bridge, rows by the second.
    await until(async () => (await host.accountState(anna.jid)) !== 'ready', 'begun');
    await foyer.stopBridge();
    await foyer.startBridge();
    await host.settled('shop');
    expect((await host.instance('shop')).state).to.equal('destroyed');
    for (const { table } of OWNED_TABLES)
      expect(await foyer.select(`SELECT * FROM ${table} WHERE instance_id = ?`, [own?.['id']]), table).to.deep.equal(
        [],
      );
    const audit = await foyer.select('SELECT action FROM audit WHERE instance_id = ? ORDER BY id', [own?.['id']]);
    expect(audit.map((row) => row['action'] as string)).to.include.members([
      'instance.create',
      'instance.destroy',
      'instance.destroyed',
    ]);
    await until(async () => !(await foyer.ejabberd.ctl('srg_list', shop.host)).includes('.shop'), 'the groups gone');
    expect(await foyer.ejabberd.ctl('registered_users', shop.host)).not.to.include('.shop');
    await until(async () => !mentions(await onDisk(), 'shop'), 'ejabberd’s own tables without it');
    const kept = await onDisk();
    for (const word of ['olaf.other', 'idle.other', 'talk.other', 'operators.other', 'visitors.other', 'one of other'])
      expect(kept, word).to.include(word);
    const theirs = await foyer.select('SELECT state FROM rooms');
    expect(theirs.map((row) => row['state'] as string)).to.deep.equal(['available']);
    expect((await host.ask('GET', '/chats', undefined, shop.key)).status).to.equal(401);
    expect((await foyer.page().call('GET', '/desks/main?instance=shop')).status).to.equal(404);
    expect((await host.ask('POST', '/instances', { name: 'shop' })).status).to.equal(409);
    expect((await host.ask('POST', '/instances/shop/resume')).status).to.equal(404);
  });
});

const MUC_OWNER = 'http://jabber.org/protocol/muc#owner';

function field(name: string, value: string) {
  return xml('field', { var: name }, xml('value', {}, value));
}

/** Names of the instance, and what was said in it. */
function mentions(kept: string, instance: string): boolean {
  return new RegExp(`\\.${instance}\\b|one of ${instance}`).test(kept);
}

/** The password is another one now. */
async function untilRefused({ login }: TenantOperator): Promise<void> {
  await until(async () => {
    try {
      await (await operatorClient(login)).stop();
      return false;
    } catch {
      return true;
    }
  }, 'the operator’s password refused');
}
