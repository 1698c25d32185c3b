import { xml } from '@xmpp/client';
import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type VisitorBrowser } from './visitor-browser.js';

describe('the widget in a browser', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let anna: OperatorClient;
  let visitor: BrowserContext;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    visitor = await browser.visitor();
  });

  afterEach(() => visitor.close());

  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  /** The contact whose words these are, once they have come. */
  async function contactWho(said: string): Promise<string> {
    const stanza = await anna.expect(said, (one) => one.is('message') && one.getChildText('body') === said);
    return stanza.attrs['from']?.split('/')[0] ?? '';
  }

  /** The newest visitor's contact, once Anna sees it online. */
  async function newestContact(): Promise<string> {
    const [row] = await foyer.select('SELECT MAX(id) AS id FROM visitors');
    const contact = `visitor.${row?.['id']}@${foyer.settings.ejabberd.host}`;
    await anna.expect(
      'the contact online',
      (one) => one.is('presence') && one.attrs['from']?.startsWith(`${contact}/`) === true,
    );
    return contact;
  }

  it('carries words both ways and shows how far they have come', async () => {
    const tab = await openTab(visitor, `${browser.site}/pricing`);
    await tab.open();
    await tab.say('What does it cost?');
    const contact = await contactWho('What does it cost?');
    const asked = await anna.expect('the question', (one) => one.getChildText('body') === 'What does it cost?');
    await tab.chat.locator('.own.acked').waitFor();
    await anna.send(
      xml(
        'message',
        { to: asked.attrs['from'] ?? '', type: 'chat' },
        xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: asked.attrs['id'] ?? '' }),
      ),
    );
    await tab.chat.locator('.own.seen').waitFor();
    await anna.say(contact, 'Ten euro', { id: 'price', markable: true });
    await tab.untilTexts('the answer', (texts) => texts.includes('Ten euro'));
    await until(async () => (await tab.chat.locator('#subtitle').textContent())?.includes('Anna'), 'Anna’s name');
    await anna.expect(
      'that it was seen',
      (one) => one.getChild('displayed', 'urn:xmpp:chat-markers:0')?.attrs['id'] === 'price',
    );
    await anna.say(contact, 'Twelve euro', { replaces: 'price' });
    await tab.untilTexts('the correction', (texts) => texts.includes('Twelve euro') && !texts.includes('Ten euro'));
  });

  it('tells each side that the other types', async () => {
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Do you see me type?');
    const contact = await contactWho('Do you see me type?');
    await anna.say(contact, 'Yes');
    await tab.untilTexts('the answer', (texts) => texts.includes('Yes'));
    await tab.field.pressSequentially('And n');
    await anna.expect(
      'typing',
      (one) => one.attrs['from']?.startsWith(contact) === true && one.getChild('composing') !== undefined,
    );
    await anna.send(
      xml(
        'message',
        { to: contact, type: 'chat' },
        xml('composing', { xmlns: 'http://jabber.org/protocol/chatstates' }),
      ),
    );
    await until(async () => (await tab.chat.locator('#typing').textContent()) === 'Anna is typing…', 'that Anna types');
    await anna.send(
      xml('message', { to: contact, type: 'chat' }, xml('paused', { xmlns: 'http://jabber.org/protocol/chatstates' })),
    );
    await until(async () => (await tab.chat.locator('#typing').textContent()) === '', 'that Anna stopped');
  });

  it('pops up an operator’s invitation, which an answer accepts', async () => {
    const tab = await openTab(visitor, `${browser.site}/tables`);
    const contact = await newestContact();
    await anna.say(contact, 'Can I help you find a table?');
    await tab.page.locator('.foyer-peek').waitFor();
    await tab.untilTexts('the invitation', (texts) => texts.join() === 'Can I help you find a table?');
    await tab.field.click();
    await tab.page.locator('.foyer-window:not(.foyer-peek)').waitFor();
    await tab.say('Yes, an oak one');
    await until(() => anna.texts(contact).includes('Yes, an oak one'), 'the answer');
    const [chat] = await foyer.select('SELECT state FROM chats ORDER BY id DESC LIMIT 1');
    expect(chat?.['state']).to.equal('active');
  });

  it('closes an invitation that the visitor dismisses', async () => {
    const tab = await openTab(visitor, browser.site);
    const contact = await newestContact();
    await anna.say(contact, 'May I disturb you?');
    await tab.page.locator('.foyer-peek').waitFor();
    await tab.untilTexts('the invitation', (texts) => texts.length === 1);
    await tab.chat.locator('#close').click();
    await tab.page.locator('.foyer-window').waitFor({ state: 'hidden' });
    await until(
      async () => (await foyer.select('SELECT state FROM chats ORDER BY id DESC LIMIT 1'))[0]?.['state'] === 'closed',
      'the end',
    );
    await until(async () => (await tab.page.locator('.foyer-badge').textContent()) === '', 'no badge');
  });

  it('counts what comes while the window is closed, and says it was seen once it is opened', async () => {
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('I am about to look elsewhere');
    const contact = await contactWho('I am about to look elsewhere');
    await tab.launcher.click();
    await anna.say(contact, 'One');
    await anna.say(contact, 'Two', { id: 'two', markable: true });
    await until(async () => (await tab.page.locator('.foyer-badge').getAttribute('data-count')) === '2', 'two unread');
    await tab.chat.locator('#close').click();
    await tab.page.goto(`${browser.site}/elsewhere`);
    await until(
      async () => (await tab.page.locator('.foyer-badge').getAttribute('data-count')) === '2',
      'two unread on the next page',
    );
    await tab.launcher.click();
    await anna.expect(
      'that both were seen',
      (one) => one.getChild('displayed', 'urn:xmpp:chat-markers:0')?.attrs['id'] === 'two',
    );
    await until(async () => (await tab.page.locator('.foyer-badge').textContent()) === '', 'nothing unread');
  });

  it('keeps conversation, open window and half a sentence across pages and reloads', async () => {
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('First');
    const contact = await contactWho('First');
    await tab.write('And then I wan');
    await tab.page.goto(`${browser.site}/next`);
    await tab.untilTexts('the conversation', (texts) => texts.join() === 'First');
    expect(await tab.field.inputValue()).to.equal('And then I wan');
    await tab.page.reload();
    await anna.say(contact, 'Still there?');
    await tab.untilTexts('the answer', (texts) => texts.join() === 'First,Still there?');
    expect(
      (
        await foyer.select(
          'SELECT COUNT(*) AS n FROM chats WHERE id IN (SELECT chat_id FROM messages WHERE text = ?)',
          ['First'],
        )
      )[0]?.['n'],
    ).to.equal(1);
  });

  it('is one visitor in two tabs, which stay in step', async () => {
    const [one, two] = await Promise.all([
      openTab(visitor, `${browser.site}/a`),
      openTab(visitor, `${browser.site}/b`),
    ]);
    const tokens = await Promise.all(
      [one, two].map(({ page }) =>
        page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(':token'))?.[1]),
      ),
    );
    expect(tokens[0]).to.equal(tokens[1]);
    await one.open();
    await one.say('From the first tab');
    await contactWho('From the first tab');
    // The second tab has loaded its window by itself; opened in the midst of that, an automated browser may lose its focus.
    await two.untilTexts('the first tab’s words', (texts) => texts.join() === 'From the first tab');
    await two.open();
    await two.say('From the second');
    await one.untilTexts('the second tab’s words', (texts) => texts.join() === 'From the first tab,From the second');
  });

  it('goes on in every tab as the visitor whose token is kept', async () => {
    const [one, two] = [await openTab(visitor, `${browser.site}/a`), await openTab(visitor, `${browser.site}/b`)];
    const other = foyer.page();
    await other.visit({ nick: 'Olga' });
    await one.page.evaluate((token) => {
      const key = Object.keys(localStorage).find((name) => name.endsWith(':token'));
      localStorage.setItem(key ?? '', token);
    }, other.token ?? '');
    await other.startChat('Said as Olga');
    await two.untilTexts('the words in the other tab', (texts) => texts.join() === 'Said as Olga');
  });

  it('ends the chat and begins another', async () => {
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('A short question');
    const contact = await contactWho('A short question');
    await anna.say(contact, 'A short answer');
    await tab.chat.locator('#end').click();
    await tab.chat.locator('#ending-no').click();
    await tab.chat.locator('#end').click();
    await tab.chat.locator('#ending-yes').click();
    await tab.chat.locator('#again').click();
    await tab.say('Another question');
    await contactWho('Another question');
    await tab.untilTexts('only the new chat', (texts) => texts.join() === 'Another question');
  });

  it('tells of page views, also within a single-page site', async () => {
    const tab = await openTab(visitor, `${browser.site}/start`);
    const viewed = async (path: string): Promise<boolean> =>
      (await foyer.select('SELECT 1 FROM visitors WHERE page_url LIKE ?', [`%${path}`])).length > 0;
    await until(() => viewed('/start'), 'the first page');
    await tab.page.evaluate(() => history.pushState({}, '', '/spa/cart'));
    await until(() => viewed('/spa/cart'), 'the page within the page');
    await tab.page.goBack();
    await until(() => viewed('/start'), 'the way back');
  });
});
