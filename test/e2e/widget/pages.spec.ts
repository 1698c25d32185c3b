import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type VisitorBrowser } from './visitor-browser.js';

describe('where the widget shows itself and greets', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let api: Helpdesk;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    api = await helpdesk(foyer);
  });
  afterEach(async () => {
    for (const visitor of visitors.splice(0)) await visitor.close();
    await set({ state: 'active', show_rules: [], greetings: [] });
  });
  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  const set = (body: object) => api('PATCH', '/desks/1', body);

  async function newVisitor(): Promise<BrowserContext> {
    const visitor = await browser.visitor();
    visitors.push(visitor);
    return visitor;
  }

  /** Opens a page and waits until the bridge has answered its view. */
  async function visit(visitor: BrowserContext, path: string, page?: Page): Promise<Page> {
    const tab = page ?? (await visitor.newPage());
    const answered = tab.waitForResponse((response) => response.url().endsWith('/visits') && response.ok());
    await tab.goto(browser.site + path);
    await answered;
    await tab.locator('.foyer').waitFor({ state: 'attached' });
    return tab;
  }
  const shows = (page: Page) => page.locator('.foyer-launcher').isVisible();
  const move = (page: Page, path: string) => page.evaluate((to) => history.pushState(null, '', to), path);

  it('is on the pages that a rule names, also where a page changes within itself', async () => {
    await set({ show_rules: [{ when: { page: '/shop/*' }, show: true }, { show: false }] });
    const visitor = await newVisitor();
    const page = await visit(visitor, '/about');
    expect(await shows(page)).to.equal(false);
    await move(page, '/shop/shoes');
    await page.locator('.foyer-launcher').waitFor();
    await move(page, '/about/us');
    await page.locator('.foyer-launcher').waitFor({ state: 'hidden' });
    expect(await shows(await visit(visitor, '/shop/hats'))).to.equal(true);
  });

  it('goes on with an open chat anywhere, also at a desk that is out of use', async () => {
    await set({ show_rules: [{ when: { page: '/shop' }, show: true }, { show: false }] });
    const visitor = await newVisitor();
    const tab = await openTab(visitor, `${browser.site}/shop`);
    await tab.open();
    await tab.say('Still there?');
    await until(async () => (await foyer.select("SELECT id FROM chats WHERE state = 'waiting'")).length > 0, 'a chat');
    expect(await shows(await visit(visitor, '/about'))).to.equal(true);
    await set({ state: 'inactive' });
    expect(await shows(await visit(visitor, '/about'))).to.equal(true);
    expect(await shows(await visit(await newVisitor(), '/shop'))).to.equal(false);
  });

  it('keeps what is written while the desk goes out of use', async () => {
    const tab = await openTab(await newVisitor(), browser.site);
    await tab.open();
    await set({ state: 'inactive' });
    await tab.say('Anybody?');
    await tab.chat.locator('#email').waitFor();
    expect(await tab.field.inputValue()).to.equal('Anybody?');
  });

  it('greets on a page that a rule names, once, and not who talks', async () => {
    await set({
      greetings: [
        { name: 'prices', when: { page: '/pricing' }, after_seconds: 1, text: 'A question <b>about</b> prices?' },
      ],
    });
    const visitor = await newVisitor();
    const elsewhere = await visit(visitor, '/about');
    expect(await elsewhere.locator('.foyer-window iframe').count()).to.equal(0);
    const page = await visit(visitor, '/pricing');
    const words = page
      .frameLocator('.foyer-window iframe')
      .locator('#log', { hasText: 'A question <b>about</b> prices?' });
    await words.waitFor();
    await page.locator('.foyer-badge', { hasText: '1' }).waitFor({ state: 'attached' });
    expect(await page.locator('.foyer-peek').isVisible(), 'as a small window').to.equal(true);
    await page.frameLocator('.foyer-window iframe').locator('#text').click();
    await page.locator('.foyer-peek').waitFor({ state: 'detached' });
    await until(async () => (await page.locator('.foyer-badge').textContent()) === '', 'nothing unread any more');
    expect(await words.isVisible(), 'the words in the large window').to.equal(true);

    const greeted = async () => (await foyer.select('SELECT greeted FROM visitors WHERE greeted IS NOT NULL')).length;
    expect(await greeted()).to.equal(1);
    const told = page.waitForResponse((response) => response.url().endsWith('/visits'));
    await page.reload();
    const again = (await (await told).json()) as { desk: { greeting: object | null } };
    expect(again.desk.greeting, 'once').to.equal(null);

    const talking = await newVisitor();
    const tab = await openTab(talking, `${browser.site}/about`);
    await tab.open();
    await tab.say('Hello');
    await until(async () => (await foyer.select('SELECT id FROM chats')).length > 1, 'a chat');
    const answered = tab.page.waitForResponse((response) => response.url().endsWith('/visits'));
    await move(tab.page, '/pricing');
    const { desk } = (await (await answered).json()) as { desk: { greeting: object | null } };
    expect(desk.greeting).to.equal(null);
    expect(await greeted()).to.equal(1);
  });

  it('doesn’t greet who has gone on to another page, or has the window open', async () => {
    await set({ greetings: [{ name: 'slow', when: { page: '/pricing' }, after_seconds: 2, text: 'Any question?' }] });
    const visitor = await newVisitor();
    const asked: string[] = [];
    visitor.on('request', (request) => void (request.url().endsWith('/greetings') && asked.push(request.url())));
    const page = await visit(visitor, '/pricing');
    await page.frameLocator('.foyer-window iframe').locator('#composer').waitFor({ state: 'attached' });
    const answered = page.waitForResponse((response) => response.url().endsWith('/visits'));
    await move(page, '/about');
    await answered;
    const open = await openTab(visitor, `${browser.site}/pricing`);
    await open.open();
    // A third page, whose time comes last: by then that of the others is over.
    const last = await visit(await newVisitor(), '/pricing');
    await last.locator('.foyer-peek').waitFor();
    expect(asked).to.deep.equal([]);
  });
});
