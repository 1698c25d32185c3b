import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { setSiteSession } from '../../../bridge/domain/visitors/site-session.js';
import { TestFoyer } from '../../support/bridge.js';
import { djangoSite, type DjangoSite } from '../../support/django-site.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { identityOf } from '../../support/identity.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('the widget of a member', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let anna: OperatorClient;
  let api: Helpdesk;
  let desk: string;
  let secret: string;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    anna = await foyer.operator('anna', 'Anna');
    api = await helpdesk(foyer);
    const { desks } = (await api<{ desks: { id: number }[] }>('GET', '/desks')).body;
    desk = `/desks/${desks[0]?.id}`;
    ({ secret } = (await api<{ secret: string }>('PUT', '/instance/identity')).body);
  });
  after(async () => {
    for (const visitor of visitors) await visitor.close();
    await browser.close();
    await foyer.stop();
  });

  async function device(): Promise<BrowserContext> {
    const visitor = await browser.visitor({ bypassCSP: true });
    visitors.push(visitor);
    return visitor;
  }
  const jwt = (sub: string) => identityOf(secret, { sub, name: `Member ${sub}` });
  const as = (sub: string) => `${browser.site}/?identity=${jwt(sub)}`;
  const identify = ({ page }: Tab, identity: string) =>
    page.evaluate(
      (value) => (window as unknown as { foyer: (...args: string[]) => void }).foyer('identify', value),
      identity,
    );
  const contactOf = (text: string) =>
    until(
      () => anna.received.find((stanza) => stanza.getChildText('body') === text)?.attrs['from']?.split('/')[0],
      `Anna reads ${text}`,
    );
  const isMember = async (sub: string) =>
    (await foyer.select('SELECT 1 FROM visitors WHERE external_id = ? AND member = 1', [sub])).length === 1;

  it('shows one chat on two devices, and nothing of it to whoever comes next at a shared computer', async function () {
    this.timeout(120_000);
    const computer = await device();
    const tab = await openTab(computer, as('zoe'));
    await tab.open();
    await tab.say('My account number is 7');
    const contact = await until(
      () =>
        anna.received
          .find((stanza) => stanza.getChildText('body')?.includes('number is 7'))
          ?.attrs['from']?.split('/')[0],
      'Anna reads it',
    );
    const phone = await openTab(await device(), as('zoe'));
    await phone.open();
    await phone.untilTexts('the chat on the phone', (texts) => texts.includes('My account number is 7'));
    await phone.say('And now from my phone');
    await until(() => anna.texts(contact).includes('And now from my phone'), 'the same contact says it');
    await tab.untilTexts('it on the computer too', (texts) => texts.includes('And now from my phone'));
    await tab.write('A draft of Zoe');

    await tab.page.goto(browser.site);
    await tab.launcher.waitFor();
    await tab.chat.locator('#text').or(tab.launcher).first().waitFor();
    if (!(await tab.field.isVisible())) await tab.open();
    expect(await tab.texts()).to.deep.equal([]);
    expect(await tab.field.inputValue()).to.equal('');
    expect(await tab.page.evaluate(() => JSON.stringify({ ...localStorage }))).not.to.contain('Zoe');
    await tab.say('I am somebody else');
    const guest = await until(
      () =>
        anna.received
          .find((stanza) => stanza.getChildText('body') === 'I am somebody else')
          ?.attrs['from']?.split('/')[0],
      'Anna reads the guest',
    );
    expect(guest).not.to.equal(contact);
    await tab.page.goto(as('zoe'));
    await tab.untilTexts('the member’s chat again', (texts) => texts.includes('And now from my phone'));
    expect(await tab.texts()).not.to.include('I am somebody else');
  });

  it('leaves behind what a guest hasn’t sent yet when a known member signs in', async function () {
    this.timeout(120_000);
    const phone = await openTab(await device(), as('yara'));
    await phone.open();
    await phone.say('Yara is here');
    await contactOf('Yara is here');
    const tab = await openTab(await device(), browser.site);
    await tab.open();
    await tab.page.route('**/visitor/v1/chats', (route) => route.abort());
    await tab.say('Words of a guest');
    const kept = () => tab.page.evaluate(() => JSON.stringify({ ...localStorage }));
    await until(async () => (await kept()).includes('Words of a guest'), 'the words kept in the browser');
    await tab.page.unroute('**/visitor/v1/chats');
    await tab.page.goto(as('yara'));
    await tab.untilTexts('the member’s chat', (texts) => texts.includes('Yara is here'));
    await tab.say('Yara again');
    await contactOf('Yara again');
    expect(await kept()).not.to.include('Words of a guest');
    expect(await foyer.select("SELECT 1 FROM messages WHERE text = 'Words of a guest'")).to.deep.equal([]);
  });

  it('isn’t there when the identity is made up', async () => {
    const visitor = await device();
    const page = await visitor.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${browser.site}/?identity=${identityOf('x'.repeat(43), { sub: 'zoe' })}`);
    await until(() => said.some((text) => text.includes('refused: identity_invalid')), 'the console says why');
    expect(await page.locator('.foyer-launcher').count()).to.equal(0);
  });

  it('goes on in the chat of the guest who signs in on the page, which is gone for whoever comes next', async function () {
    this.timeout(120_000);
    const tab = await openTab(await device(), browser.site);
    await tab.open();
    await tab.say('I am about to sign in');
    const contact = await contactOf('I am about to sign in');
    await identify(tab, jwt('ada'));
    await until(() => isMember('ada'), 'the record has a member');
    await tab.say('It is still me');
    expect(await contactOf('It is still me')).to.equal(contact);
    await tab.untilTexts(
      'all of it',
      (texts) => texts.includes('I am about to sign in') && texts.includes('It is still me'),
    );
    await identify(tab, jwt('ada'));
    await tab.write('A draft of Ada');

    await identify(tab, jwt('bob'));
    await until(() => isMember('bob'), 'somebody else is in');
    await tab.untilTexts('an empty window', (texts) => texts.length === 0);
    await tab.field.waitFor();
    expect(await tab.field.inputValue()).to.equal('');
    await tab.say('I am Bob');
    expect(await contactOf('I am Bob')).not.to.equal(contact);
    void anna.say(contact, 'For Ada alone');

    await identify(tab, '');
    await tab.untilTexts('an empty window again', (texts) => texts.length === 0);
    await tab.say('I am nobody');
    const guest = await contactOf('I am nobody');
    await identify(tab, jwt('ada'));
    const texts = await tab.untilTexts('the chat of Ada', (now) => now.includes('For Ada alone'));
    expect(texts).not.to.include('I am nobody').and.not.include('I am Bob');
    expect(guest).not.to.equal(contact);
  });

  it('leaves the chat of the guest where the desk wants that', async function () {
    this.timeout(60_000);
    await api('PATCH', desk, { keep_guest_chat: false });
    try {
      const tab = await openTab(await device(), browser.site);
      await tab.open();
      await tab.say('Somebody at a shared computer');
      await contactOf('Somebody at a shared computer');
      await identify(tab, jwt('eva'));
      await tab.untilTexts('an empty window', (texts) => texts.length === 0);
      expect(await isMember('eva')).to.equal(true);
    } finally {
      await api('PATCH', desk, { keep_guest_chat: true });
    }
  });

  it('is whom another tab of the site has signed in, and shows nothing of the former there either', async function () {
    this.timeout(60_000);
    const visitor = await device();
    const first = await openTab(visitor, as('ivy'));
    await first.open();
    await first.say('Words of Ivy');
    await contactOf('Words of Ivy');
    const second = await openTab(visitor, as('jim'));
    await first.untilTexts('an empty window', (texts) => texts.length === 0);
    await second.open();
    expect(await second.texts()).to.deep.equal([]);
  });

  describe('by the site’s own cookie', () => {
    let site: DjangoSite;
    let near: VisitorBrowser;
    let address: string;

    before(async function () {
      this.timeout(60_000);
      site = await djangoSite();
      const chat = `http://chat.shop.test:${foyer.settings.http.port}`;
      near = await visitorBrowser(chat);
      address = near.site.replace('localhost', 'www.shop.test');
      await api('PATCH', desk, { allowed_origins: [address, chat] });
      await foyer.bridge.core.transactions.alone((tx) =>
        setSiteSession(
          ...[tx, 1],
          {
            cookie: 'sessionid',
            database: site.readerUrl,
            django: { secretKeys: [site.secretKey] },
            query: null,
            whenDown: 'refuse',
          },
          'test',
        ),
      );
    });
    after(async () => {
      await near.close();
      await site.close();
      await api('PATCH', desk, { allowed_origins: ['*'] });
    });

    it('chats while it is logged in, and its window is empty once it logs out', async function () {
      this.timeout(120_000);
      const user = await site.addUser('vera');
      const cookie = await site.logIn(user);
      const visitor = await near.visitor({ bypassCSP: true });
      visitors.push(visitor);
      const tab = await openTab(visitor, `${address}/?identity=session`);
      await tab.open();
      expect(await isMember(String(user)), 'before the login').to.equal(false);
      await visitor.addCookies([
        { name: 'sessionid', value: cookie, domain: '.shop.test', path: '/', sameSite: 'Lax' },
      ]);
      await identify(tab, 'session');
      await until(() => isMember(String(user)), 'the record has a member');
      await tab.say('My order is late');
      const contact = await contactOf('My order is late');
      void anna.say(contact, 'It comes tomorrow');
      await tab.untilTexts('the answer', (texts) => texts.includes('It comes tomorrow'));

      await site.logOut(cookie);
      await tab.untilTexts('an empty window', (texts) => texts.length === 0, 60);
      await tab.say('Who am I?');
      expect(await contactOf('Who am I?')).not.to.equal(contact);
    });
  });
});
