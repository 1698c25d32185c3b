import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { run, type Row } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('the widget at a desk that is closed', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let api: Helpdesk;
  const visitors: BrowserContext[] = [];
  const date = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    api = await helpdesk(foyer);
  });
  afterEach(async () => {
    await api('DELETE', '/departments/1/hours');
    for (const visitor of visitors.splice(0)) await visitor.close();
  });
  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  const close = () =>
    api('PUT', '/departments/1/hours', {
      ...{ time_zone: 'UTC', week: {}, exceptions: [{ date, open: ['09:00-10:00'] }] },
    });
  const left = (): Promise<Row[]> => foyer.select('SELECT name, email, text FROM offline_messages ORDER BY id');

  async function withTab(options = {}, path = '/'): Promise<Tab> {
    const visitor = await browser.visitor({ timezoneId: 'UTC', ...options });
    visitors.push(visitor);
    return openTab(visitor, browser.site + path);
  }

  it('says when it opens, and takes a message with an e-mail address', async () => {
    await close();
    const tab = await withTab({ bypassCSP: true });
    await tab.open();
    const said = (await tab.chat.locator('#over-text').textContent()) ?? '';
    const when = new Intl.DateTimeFormat('en', {
      ...{ weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' },
    }).format(new Date(date));
    expect(said).to.include('We are closed right now.').and.include(when).and.include('9:00');
    expect(await tab.chat.locator('#name').inputValue(), 'as the site calls the visitor').to.equal('Vera');
    expect(await tab.faults()).to.deep.equal([]);
    const reach = await tab.chat
      .locator('#email')
      .evaluate((field) => field.getBoundingClientRect().right - innerWidth);
    expect(reach, 'how far the form sticks out of the window').to.be.below(0);
    await tab.say('Please call me');
    const email = tab.chat.locator('#email');
    await until(() => email.evaluate((field) => field === document.activeElement), 'the address to be asked for');
    expect(await tab.field.inputValue()).to.equal('Please call me');
    await email.fill('vera@example.org');
    await tab.chat.locator('#send').click();
    await tab.chat.locator('#over-text', { hasText: 'Thank you' }).waitFor();
    expect(await tab.field.inputValue()).to.equal('');
    expect((await left()).at(-1)).to.deep.equal({ name: 'Vera', email: 'vera@example.org', text: 'Please call me' });
    expect(await foyer.select('SELECT id FROM chats')).to.deep.equal([]);
  });

  it('keeps the text until the bridge has it, over a lost connection and a reload', async () => {
    await close();
    const before = (await left()).length;
    const tab = await withTab();
    await tab.open();
    await tab.write('Not to be lost');
    await tab.page.reload();
    await until(
      async () => (await tab.field.inputValue().catch(() => '')) === 'Not to be lost',
      'the text, still there',
    );
    await tab.chat.locator('#email').fill('vera@example.org');
    await tab.page.context().setOffline(true);
    await tab.chat.locator('#send').click();
    await tab.chat.locator('#over-text', { hasText: 'Not sent' }).waitFor();
    expect(await tab.field.inputValue()).to.equal('Not to be lost');
    await tab.page.context().setOffline(false);
    await tab.chat.locator('#send').click();
    await tab.chat.locator('#over-text', { hasText: 'Thank you' }).waitFor();
    expect((await left()).slice(before).map(({ text }) => text as string)).to.deep.equal(['Not to be lost']);
  });

  it('puts what was written while it closed into the form', async () => {
    const tab = await withTab();
    await tab.open();
    await close();
    await tab.say('Just in time?');
    await tab.chat.locator('#email').waitFor();
    expect(await tab.field.inputValue()).to.equal('Just in time?');
    expect(await tab.texts(true)).to.deep.equal([]);
    expect(await foyer.select('SELECT id FROM chats')).to.deep.equal([]);
  });

  it('keeps what was typed there for a chat when it opens', async () => {
    await close();
    const tab = await withTab();
    await tab.open();
    await tab.write('Hello?');
    await api('DELETE', '/departments/1/hours');
    await tab.page.evaluate(() => history.pushState(null, '', '/next'));
    await tab.chat.locator('#email').waitFor({ state: 'hidden' });
    expect(await tab.field.inputValue()).to.equal('Hello?');
    await tab.field.press('Enter');
    await tab.untilTexts('the text', (texts) => texts.join() === 'Hello?');
  });

  it('says it in the desk’s own words, and in the visitor’s language', async () => {
    const { pool } = foyer.bridge.core;
    await close();
    const french = await withTab({}, '/?lang=fr');
    await french.open();
    const text = await french.chat.locator('#over-text').textContent();
    expect(text).to.match(/^Nous sommes fermés.*Réouverture : \w+ \d+ .*Laissez-nous un message/);
    await run(pool, `UPDATE desks SET texts = '{"closed":"Back on Monday."}'`, []);
    try {
      await until(async () => {
        const tab = await withTab();
        await tab.open();
        return (await tab.chat.locator('#over-text').textContent())?.startsWith('Back on Monday. ');
      }, 'the desk’s own words');
    } finally {
      await run(pool, `UPDATE desks SET texts = '{}'`, []);
    }
  });
});
