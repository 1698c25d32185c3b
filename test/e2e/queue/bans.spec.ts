import { expect } from 'chai';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { openStream } from '../../support/page-stream.js';
import { Page, type PageAnswer } from '../../support/page.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';

interface Ban {
  id: number;
  reason: string;
  expires_at: string | null;
}
type Visit = PageAnswer<{ token: string; visitor: { id: number }; desk: { open: boolean; banned: boolean } }>;

describe('bans', () => {
  let foyer: TestFoyer;
  let api: Helpdesk;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let service: string;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_HTTP_TRUSTED_PROXIES: '127.0.0.1' } });
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    service = `foyer@${foyer.settings.ejabberd.host}`;
    api = await helpdesk(foyer);
  });

  after(() => foyer.stop());

  const from = (address: string) => new Page(foyer.base, { 'x-forwarded-for': address });
  const bans = async () => (await api<{ bans: Ban[] }>('GET', '/bans')).body.bans;

  async function begin(address: string) {
    const page = from(address);
    await page.visit({ nick: 'Mallory' });
    const { id, number } = await page.startChat('You fools');
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes('You fools'), 'Anna is asked');
    return { page, id, number, contact };
  }

  /** What a page of this address without a token is told. */
  async function stranger(address: string): Promise<boolean> {
    const { body }: Visit = await from(address).call('POST', '/visits', { desk: 'main' });
    return body.desk.banned;
  }

  async function refuses(page: Page): Promise<void> {
    const chat = await page.call<{ code: string }>('POST', '/chats', { desk: 'main', text: 'Me again' });
    expect([chat.status, chat.body.code]).to.deep.equal([409, 'banned']);
    const left = { desk: 'main', name: 'M', email: 'm@example.org', text: 'Fools', client_message_id: 'm' };
    expect((await page.call<{ code: string }>('POST', '/offline-messages', left)).body.code).to.equal('banned');
  }

  it('!block ends the chat and keeps the visitor out, also with a new token, until !unblock', async () => {
    const { page, id, contact } = await begin('198.51.100.7');
    const stream = await openStream(foyer.base, page.token);
    await type(anna, contact, '!accept');
    expect(await type(anna, contact, '!block 2h insults us')).to.equal('[Foyer] Mallory · /pricing is blocked (2h).');
    expect(await page.chat(id)).to.include({ state: 'closed', banned: true });
    await until(() => stream.ended(), 'the open listen is ended');
    expect(stream.text()).to.contain('"banned":true');
    await until(async () => (await page.call('GET', '/events?wait=0')).status === 409, 'no other one begins');
    await refuses(page);
    const visit: Visit = await page.call('POST', '/visits', { desk: 'main' });
    expect(visit.body.desk).to.include({ open: false, banned: true });
    const renewed = from('198.51.100.7');
    expect((await renewed.visit()).visitor.id).to.not.equal(page.visitorId);
    await refuses(renewed);
    expect(await stranger('198.51.100.8')).to.equal(false);
    const [online] = await foyer.select('SELECT online FROM visitors WHERE id = ?', [page.visitorId]);
    expect(online, 'on nobody’s contact list').to.deep.equal({ online: 0 });

    const [ban] = await bans();
    expect(ban).to.include({ reason: 'insults us' });
    expect(Date.parse(ban?.expires_at ?? '') - Date.now()).to.be.within(7_100_000, 7_300_000);
    const stored = JSON.stringify(await foyer.select('SELECT * FROM bans'));
    expect(stored + JSON.stringify(await foyer.select('SELECT * FROM visitors'))).to.not.contain('198.51.100');

    expect(await type(bert, contact, '!unblock')).to.contain('is not yours');
    expect(await type(anna, contact, '!unblock')).to.equal('[Foyer] Mallory · /pricing may chat again.');
    expect(await type(anna, contact, '!unblock')).to.contain('is not blocked');
    expect(await bans()).to.deep.equal([]);
    const other = await api<{ ban: Ban }>('POST', '/bans', { visitor: page.visitorId });
    expect(await type(anna, contact, '!unblock')).to.contain('was blocked by somebody else');
    await api('DELETE', `/bans/${other.body.ban.id}`);
    await page.startChat('Sorry');
    await until(() => anna.texts(contact).includes('Sorry'), 'Anna reads it');
    const audit = await foyer.select("SELECT action, actor FROM audit WHERE action LIKE 'ban.%' ORDER BY id");
    expect(audit.map(({ action }) => action as string)).to.deep.equal([
      'ban.create',
      'ban.lift',
      'ban.create',
      'ban.lift',
    ]);
    expect(audit[0]?.['actor']).to.match(/^operator:\d+$/);
  });

  it('is by the chat’s number too, and not about a colleague’s chat', async () => {
    const { page, number } = await begin('198.51.100.20');
    await type(anna, service, `!accept ${number}`);
    expect(await type(bert, service, `!block ${number}`)).to.equal(`[Foyer] Chat ${number} is not yours.`);
    expect(await type(anna, service, `!block ${number} forever`)).to.contain('blocked for good');
    expect((await bans())[0]?.expires_at).to.equal(null);
    await refuses(page);
  });

  it('ends by itself', async () => {
    const { page, contact } = await begin('198.51.100.30');
    await type(anna, contact, '!block 30m');
    await refuses(page);
    await run(foyer.bridge.core.pool, 'UPDATE bans SET expires_at = NOW(3) - INTERVAL 1 SECOND', []);
    expect((await page.startChat('Back')).id).to.be.a('number');
  });

  it('of a range keeps out whoever comes from there, in open chats too', async () => {
    const { page, id } = await begin('203.0.113.9');
    const v6 = await begin('2001:db8:5::1');
    for (const network of ['::ffff:203.0.113.0/120', '2001:db8::/32']) await api('POST', '/bans', { network });
    for (const address of ['203.0.113.77', '2001:db8:ffff::2', '::ffff:203.0.113.5'])
      expect(await stranger(address), address).to.equal(true);
    for (const address of ['203.0.114.1', '2001:db9::1']) expect(await stranger(address), address).to.equal(false);
    await until(async () => (await page.say(id, 'Still here?')).status === 409, 'its open chat takes nothing more');
    await until(async () => (await v6.page.say(v6.id, 'And me?')).status === 409, 'nor the other');
    const desk = await from('203.0.113.1').call<{ banned: boolean }>('GET', '/desks/main');
    expect(desk.body.banned).to.equal(true);
    for (const { id: ban } of await bans()) await api('DELETE', `/bans/${ban}`);
    expect(await stranger('203.0.113.77')).to.equal(false);
  });

  it('of one desk leaves the others open', async () => {
    await api('POST', '/desks', { key: 'sales', name: 'Sales', department: 1, allowed_origins: ['*'] });
    const page = from('198.51.100.40');
    await page.visit();
    await api('POST', '/bans', { visitor: page.visitorId, desk: 'main' });
    await refuses(page);
    expect((await page.call('POST', '/chats', { desk: 'sales', text: 'A question' })).status).to.equal(201);
  });

  it('keeps a helpdesk’s visitor out by the helpdesk’s own id, also one that Foyer hasn’t met', async () => {
    await api('POST', '/bans', { external_id: 'troll', seconds: 3_600 });
    const start = (external_id: string) =>
      api('POST', '/chats', { desk: 'main', visitor: { external_id }, text: 'Hi' });
    const refused = await start('troll').catch((error: unknown) => String(error));
    expect(refused).to.contain('409').and.to.contain('"banned"');
    expect((await start('friend')).status).to.equal(201);
  });
});
