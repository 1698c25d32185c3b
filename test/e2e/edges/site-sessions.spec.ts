import { expect } from 'chai';
import { setSiteSession, type SiteSessionSettings } from '../../../bridge/domain/visitors/site-session.js';
import { TestFoyer } from '../../support/bridge.js';
import { djangoSite, type DjangoSite } from '../../support/django-site.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { Page } from '../../support/page.js';
import { openStream } from '../../support/page-stream.js';
import { until } from '../../support/until.js';

interface Refusal {
  code: string;
  token?: string;
}

const ORIGIN = 'https://www.shop.example';

describe('members by the site’s own session', () => {
  let foyer: TestFoyer;
  let site: DjangoSite;
  let api: Helpdesk;
  let desk: string;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    site = await djangoSite();
    api = await helpdesk(foyer);
    const { desks } = (await api<{ desks: { id: number }[] }>('GET', '/desks')).body;
    desk = `/desks/${desks[0]?.id}`;
    await api('PATCH', desk, { allowed_origins: [ORIGIN] });
    await configure({});
  });
  after(async () => {
    await foyer.stop();
    await site.close();
  });

  const settings = (): SiteSessionSettings => ({
    ...{ cookie: 'sessionid', database: site.readerUrl, django: { secretKeys: [site.secretKey] } },
    ...{ query: null, whenDown: 'refuse' },
  });
  /** What is set holds some seconds later at the latest: a name of the cookie that nobody had before tells when. */
  let named = 0;
  let cookieName = 'sessionid';
  async function configure(more: Partial<SiteSessionSettings>): Promise<void> {
    cookieName = `sessionid${(named += 1)}`;
    await foyer.bridge.core.transactions.alone((tx) =>
      setSiteSession(tx, 1, { ...settings(), ...more, cookie: cookieName }, 'test'),
    );
    const probe = await site.logIn(await site.addUser(`probe${named}`));
    if (more.query == null && more.database === undefined)
      await until(
        async () => (await view(inBrowser(probe))).status === 200 && (await isMember(`probe${named}`)),
        'settings',
      );
  }
  const isMember = async (username: string) =>
    (await foyer.select('SELECT 1 FROM visitors WHERE nick = ? AND member = 1', [username.toUpperCase()])).length === 1;

  const inBrowser = (cookie: string, origin = ORIGIN) =>
    new Page(foyer.base, { origin, cookie: `other=1; ${cookieName}=${cookie}; more=2` });
  const view = (page: Page) => page.call<Refusal>('POST', '/visits', { desk: 'main', identity: 'session' });
  const enter = (page: Page) => page.visit({ identity: 'session' });
  const visitorOf = async (userId: number) =>
    (await api<{ visitor: { verified: boolean; nick: string; email: string } }>('GET', `/visitors/${userId}`)).body
      .visitor;

  it('are whom Django has logged in, with its name and address', async () => {
    const vera = await site.addUser('vera', { email: 'vera@example.org' });
    for (const compress of [false, true]) {
      const page = inBrowser(await site.logIn(vera, { compress }));
      await enter(page);
      expect(await visitorOf(vera)).to.deep.include({ verified: true, nick: 'VERA', email: 'vera@example.org' });
    }
    const guest = inBrowser('0'.repeat(32));
    await enter(guest);
    const [row] = await foyer.select('SELECT member FROM visitors WHERE id = ?', [guest.visitorId]);
    expect(row).to.deep.equal({ member: 0 });
  });

  it('aren’t those whose session is over, signed by somebody else or of a password that was changed, nor who may not log in any more', async () => {
    const bob = await site.addUser('bob');
    const blocked = await site.addUser('blocked');
    const cookies = [
      await site.logIn(bob, { seconds: -1 }),
      await site.logIn(bob, { key: 'another key' }),
      await site.logIn(bob),
      await site.logIn(blocked),
    ];
    await site.changePassword(bob);
    await site.db.query('UPDATE auth_user SET is_active = 0 WHERE id = ?', [blocked]);
    for (const cookie of [...cookies, "' OR 1=1 -- ", '%', 'x'.repeat(600)]) {
      const page = inBrowser(cookie);
      await enter(page);
      expect(await foyer.select('SELECT member FROM visitors WHERE id = ?', [page.visitorId])).to.deep.equal([
        { member: 0 },
      ]);
    }
  });

  it('are out with each call, and with what they listen to, once they log out at the site', async function () {
    this.timeout(60_000);
    const cookie = await site.logIn(await site.addUser('zoe'));
    const page = inBrowser(cookie);
    await enter(page);
    const chat = await page.startChat('My account number is 7');
    const stream = await openStream(foyer.base, page.token, { cookie: `${cookieName}=${cookie}` });
    await site.logOut(cookie);
    const said = () =>
      page.call<Refusal>('POST', `/chats/${chat.id}/messages`, {
        client_message_id: crypto.randomUUID(),
        text: 'still me',
      });
    const refused = await until(async () => {
      const { status, body } = await said();
      return status === 401 ? body.code : null;
    }, 'no more is taken from this browser');
    expect(refused).to.equal('identity_changed');
    expect((await page.call<Refusal>('GET', `/chats/${chat.id}`)).body.code).to.equal('identity_changed');
    await until(() => stream.ended(), 'the stream ends', 30);
    expect((await view(page)).body.code).to.equal('identity_changed');
    page.token = undefined;
    expect((await enter(page)).chat).to.equal(null);
  });

  it('need token and cookie: neither lets anybody in alone, nor somebody else’s cookie', async () => {
    const [ann, ben] = [await site.addUser('ann'), await site.addUser('ben')];
    const page = inBrowser(await site.logIn(ann));
    await enter(page);
    const chat = await page.startChat('Mine');
    const without = new Page(foyer.base, { origin: ORIGIN });
    const stolen = inBrowser(await site.logIn(ben));
    for (const other of [without, stolen]) {
      other.token = page.token;
      expect((await other.call<Refusal>('GET', `/chats/${chat.id}`)).body.code).to.equal('identity_changed');
    }
    const noToken = inBrowser(await site.logIn(ann));
    expect((await noToken.call('POST', `/chats/${chat.id}/close`, {})).status).to.equal(401);
  });

  it('are members only on pages of sites that the desk names', async () => {
    const user = await site.addUser('nina');
    const cookie = await site.logIn(user);
    const elsewhere = inBrowser(cookie, 'https://evil.example');
    expect((await view(elsewhere)).body.code).to.equal('origin_refused');
    await api('PATCH', desk, { allowed_origins: ['*', ORIGIN] });
    try {
      await until(async () => (await view(elsewhere)).status === 200, 'the desk lets everybody in');
      expect(await isMember('nina')).to.equal(false);
      const preflight = async (origin: string) =>
        (
          await fetch(`${foyer.base}/visitor/v1/visits`, {
            method: 'OPTIONS',
            headers: { origin, 'access-control-request-method': 'POST' },
          })
        ).headers.get('access-control-allow-credentials');
      expect([await preflight(ORIGIN), await preflight('https://evil.example')]).to.deep.equal(['true', null]);
      await enter(inBrowser(cookie));
      expect(await isMember('nina')).to.equal(true);
    } finally {
      await api('PATCH', desk, { allowed_origins: [ORIGIN] });
    }
  });

  it('may be at a desk for a group or permission only while the site has them in it', async function () {
    this.timeout(60_000);
    const [buyer, helper, root, other] = [
      await site.addUser('buyer'),
      await site.addUser('helper'),
      await site.addUser('root', { superuser: true }),
      await site.addUser('other'),
    ];
    const group = await site.addToGroup(buyer, 'Buyers');
    const crew = await site.addToGroup(helper, 'Crew');
    await site.db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (1, 'shop', 'order')");
    await site.db.query(
      "INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (1, 'Can chat', 1, 'chat')",
    );
    await site.db.query('INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (?, 1)', [crew]);
    const cookie = await site.logIn(buyer);
    const page = inBrowser(cookie);
    await enter(page);
    const chat = await page.startChat('I bought something');
    await api('PATCH', desk, { who: 'members', member_groups: ['Buyers', 'shop.chat'] });
    try {
      const outsider = await site.logIn(other);
      await until(async () => (await view(inBrowser(outsider))).body.code === 'not_permitted', 'others are refused');
      expect((await view(new Page(foyer.base, { origin: ORIGIN }))).body.code).to.equal('members_only');
      for (const user of [helper, root]) await enter(inBrowser(await site.logIn(user)));
      expect((await page.say(chat.id, 'And it works')).status).to.equal(202);
      await site.db.query('DELETE FROM auth_user_groups WHERE group_id = ?', [group]);
      const codes = async () =>
        Promise.all(
          [
            page.call<Refusal>('POST', `/chats/${chat.id}/messages`, {
              client_message_id: crypto.randomUUID(),
              text: 'x',
            }),
            page.call<Refusal>('GET', `/chats/${chat.id}`),
            page.call<Refusal>('GET', '/events?wait=0'),
            page.call<Refusal>('POST', '/chats', { desk: 'main', text: 'Another' }),
            page.call<Refusal>('POST', '/offline-messages', {
              ...{ desk: 'main', name: 'B', email: 'b@example.org' },
              text: 'x',
              client_message_id: 'left',
            }),
          ].map(async (call) => (await call).body.code),
        );
      await until(
        async () => new Set(await codes()).size === 1 && (await codes())[0] === 'not_permitted',
        'each call is refused',
      );
      expect((await view(page)).body.code).to.equal('identity_changed');
    } finally {
      await api('PATCH', desk, { who: 'everybody', member_groups: [] });
    }
    await site.addToGroup(buyer, 'Buyers');
  });

  it('are those whom a query of any other site finds', async () => {
    await site.db.query(
      'CREATE TABLE logins (token VARCHAR(64) PRIMARY KEY, id INT, name VARCHAR(50), email VARCHAR(50), groups_in TEXT, may TEXT, ends BIGINT)',
    );
    const now = Math.floor(Date.now() / 1000);
    await site.db.query('INSERT INTO logins VALUES ?', [
      [
        ['paul', 901, 'Paul\u202e', 'paul@example.org', '["a","b"]', 'read,chat', now + 600],
        ['late', 902, 'Late', '', '', 'chat', now - 1],
        ['mute', 903, 'Mute', '', '', 'read', now + 600],
      ],
    ]);
    await configure({
      django: null,
      query:
        'SELECT id, name, email, groups_in AS `groups`, may AS permissions, ends AS expires FROM logins WHERE token = ?',
    });
    await until(async () => {
      await enter(inBrowser('paul'));
      return (await foyer.select("SELECT 1 FROM visitors WHERE external_id = '901' AND member = 1")).length === 1;
    }, 'Paul is a member');
    expect(await visitorOf(901)).to.deep.include({ nick: 'Paul', email: 'paul@example.org' });
    expect((await view(inBrowser('mute'))).body.code).to.equal('not_permitted');
    await enter(inBrowser('late'));
    expect(await foyer.select("SELECT 1 FROM visitors WHERE external_id = '902'")).to.deep.equal([]);
    await configure({});
  });

  it('wait while the site’s database is down, and nobody is taken for one; others are guests where that is wanted', async function () {
    this.timeout(60_000);
    const cookie = await site.logIn(await site.addUser('dora'));
    const page = inBrowser(cookie);
    await enter(page);
    const chat = await page.startChat('Hello');
    await site.goesDown();
    try {
      await until(
        async () => (await page.call<Refusal>('GET', `/chats/${chat.id}`)).body.code === 'identity_unavailable',
        'the member waits',
      );
      const refused = await view(inBrowser(await site.logIn(await site.addUser('emil'))));
      expect([refused.status, refused.body.code]).to.deep.equal([503, 'identity_unavailable']);
      expect((await view(page)).body.code).to.equal('identity_unavailable');
    } finally {
      await site.comesBack();
    }
    await until(async () => (await page.call('GET', `/chats/${chat.id}`)).status === 200, 'it goes on', 30);

    await configure({ whenDown: 'guest' });
    const before = inBrowser(cookie);
    await enter(before);
    await site.goesDown();
    try {
      const guest = inBrowser(await site.logIn(await site.addUser('fritz')));
      await enter(guest);
      expect(await isMember('fritz')).to.equal(false);
      await until(async () => (await view(before)).body.code === 'identity_unavailable', 'who is a member stays one');
    } finally {
      await site.comesBack();
    }
  });

  it('leave nothing of cookie and login in the record', async () => {
    const cookie = await site.logIn(await site.addUser('last'));
    await enter(inBrowser(cookie));
    const dump = JSON.stringify([
      await foyer.select('SELECT * FROM audit'),
      await foyer.select('SELECT * FROM visitors'),
      await foyer.select('SELECT * FROM member_tokens'),
      await foyer.select('SELECT * FROM instances'),
    ]);
    expect(dump).to.contain('LAST');
    for (const secret of [cookie, site.secretKey, new URL(site.readerUrl).password])
      expect(dump).not.to.contain(secret);
  });
});
