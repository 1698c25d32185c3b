import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import { Host, type Tenant } from '../../support/hosting.js';
import { until } from '../../support/until.js';

const INSTANCES = 200;
/** Set up at a time. */
const AT_ONCE = 10;
/** Whose operators look around. */
const SAMPLE = [0, 99, 199];

/** As a hosting company has them: each with an operator and a visitor, all on one ejabberd. */
describe('two hundred instances on one ejabberd', () => {
  let foyer: TestFoyer;
  let host: Host;
  const tenants: Tenant[] = [];

  before(async function () {
    this.timeout(300_000);
    foyer = await TestFoyer.start();
    host = await Host.of(foyer);
    const names = Array.from({ length: INSTANCES }, (_, i) => `t${i}`);
    for (let i = 0; i < names.length; i += AT_ONCE)
      await Promise.all(
        names.slice(i, i + AT_ONCE).map(async (name) => {
          const tenant = await host.tenant(name);
          await host.operator(tenant, 'anna');
          await host.visitor(tenant, '7');
          tenants.push(tenant);
        }),
      );
  });

  after(async () => {
    await host.end();
    await foyer.stop();
  });

  it('has each of them with its operator and its visitor', async () => {
    const listed = [];
    for (let after = ''; ;) {
      const page = await host.call<{ instances: { name: string; usage: Record<string, number> }[]; more: boolean }>(
        'GET',
        `/instances?limit=100${after === '' ? '' : `&after=${after}`}`,
      );
      listed.push(...page.instances.filter(({ name }) => name !== 'main'));
      after = listed.at(-1)?.name ?? '';
      if (!page.more) break;
    }
    expect(listed).to.have.length(INSTANCES);
    for (const { name, usage } of listed)
      expect(usage, name).to.include({ operators: 1, visitors_online: 1, open_chats: 0 });
    const users = (await foyer.ejabberd.ctl('registered_users', foyer.ejabberd.host)).split('\n');
    expect(users.filter((user) => user.startsWith('anna.'))).to.have.length(INSTANCES);
    expect(users.filter((user) => user.startsWith('visitor.'))).to.have.length(INSTANCES);
  });

  it('shows an operator the visitor of its own instance and nobody else', async () => {
    for (const i of SAMPLE) {
      const tenant = tenants[i] as Tenant;
      const second = await host.operator(tenant, 'bert');
      const client = await host.online(second);
      await client.send(xml('iq', { type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' })));
      const answer = await client.expect('the contact list', ({ attrs }) => attrs['id'] === 'roster');
      const items = answer.getChild('query')?.getChildren('item') ?? [];
      const own = new RegExp(`^(visitor\\.\\d+|anna)\\.${tenant.name}@`);
      expect(items.map(({ attrs }) => attrs['jid'] as string).filter((jid) => own.test(jid))).to.have.length(2);
      expect(items).to.have.length(2);
      await until(
        () => client.received.some((stanza) => stanza.is('presence') && /^visitor\./.test(stanza.attrs['from'] ?? '')),
        'the visitor’s presence',
      );
      const senders = client.received
        .map(({ attrs }) => attrs['from']?.split('@')[0] ?? '')
        .filter((from) => from.includes('.'));
      expect([...new Set(senders)].filter((from) => !from.endsWith(`.${tenant.name}`))).to.deep.equal([]);
    }
  });

  it('keeps its figures to the same few labels', async () => {
    const figures = await (await fetch(`${foyer.base}/metrics`)).text();
    for (const { name } of tenants) expect(figures).not.to.match(new RegExp(`"${name}"`));
  });
});
