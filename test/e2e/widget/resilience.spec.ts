import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { relay, type Relay } from './relay.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('the widget when things break', () => {
  let foyer: TestFoyer;
  let network: Relay;
  let browser: VisitorBrowser;
  let anna: OperatorClient;
  let visitor: BrowserContext;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    network = await relay(foyer.base);
    browser = await visitorBrowser(network.url);
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    visitor = await browser.visitor();
  });

  afterEach(() => visitor.close());

  after(async () => {
    await browser.close();
    await network.close();
    await foyer.stop();
  });

  /** A tab in the middle of a conversation, and the visitor's contact. */
  async function withConversation(first: string): Promise<{ tab: Tab; contact: string }> {
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say(first);
    const stanza = await anna.expect(first, (one) => one.is('message') && one.getChildText('body') === first);
    const contact = stanza.attrs['from']?.split('/')[0] ?? '';
    await anna.say(contact, 'Hello');
    await tab.untilTexts('the greeting', (texts) => texts.includes('Hello'));
    return { tab, contact };
  }

  /** The visitor's token, which the site's own storage keeps. */
  function tokenOf({ page }: Tab): Promise<string | undefined> {
    return page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(':token'))?.[1]);
  }

  it('loses and doubles nothing while the network is away', async function () {
    this.timeout(90_000);
    const { tab, contact } = await withConversation('Before the tunnel');
    network.cut();
    const typed = ['one', 'two', 'three'].map((word) => `Said in the tunnel: ${word}`);
    for (const text of typed) await tab.say(text);
    await anna.say(contact, 'Said meanwhile');
    await tab.chat.locator('#trouble', { hasText: 'Reconnecting' }).waitFor();
    expect(await tab.chat.locator('.own.sending').count()).to.equal(3);
    network.mend();
    await until(() => anna.texts(contact).length === 4, 'all texts at the operator', 40);
    expect(anna.texts(contact)).to.deep.equal(['Before the tunnel', ...typed]);
    const texts = await tab.untilTexts(
      'what was said meanwhile',
      (all) => all.includes('Said meanwhile') && all.length === 6,
      40,
    );
    expect(texts.filter((text) => text.startsWith('Said in'))).to.deep.equal(typed);
    await tab.chat.locator('#trouble:empty').waitFor({ state: 'attached' });
  });

  it('goes on by itself when the bridge was restarted, also with texts of a page that is gone', async function () {
    this.timeout(90_000);
    const { tab, contact } = await withConversation('Before the restart');
    await foyer.stopBridge();
    await tab.say('Said into the void');
    await tab.chat.locator('.own.sending').waitFor();
    await tab.page.goto('about:blank');
    await foyer.startBridge();
    await tab.page.goto(`${browser.site}/later`);
    await until(() => anna.texts(contact).includes('Said into the void'), 'the text of the page that is gone', 40);
    await anna.say(contact, 'I hear you');
    await tab.untilTexts('the answer', (texts) => texts.at(-1) === 'I hear you', 40);
    expect(anna.texts(contact).filter((text) => text === 'Said into the void')).to.have.length(1);
  });

  it('keeps listening through a restart of the bridge', async function () {
    this.timeout(90_000);
    const { tab, contact } = await withConversation('Stay with me');
    await foyer.stopBridge();
    await tab.chat.locator('#trouble', { hasText: 'Reconnecting' }).waitFor();
    await foyer.startBridge();
    await until(async () => (await foyer.show('anna')) !== 'offline', 'Anna online', 70);
    await anna.say(contact, 'Still with you');
    await tab.untilTexts('the answer', (texts) => texts.at(-1) === 'Still with you', 40);
  });

  it('says once what it had to send twice because an answer was lost', async () => {
    let lost = 0;
    await visitor.route(/\/visitor\/v1\/chats(\/\d+\/messages)?$/, async (route) => {
      if (route.request().method() !== 'POST' || lost >= 2) return route.fallback();
      lost += 1;
      await route.fetch();
      return route.abort('connectionreset');
    });
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Only once, please');
    await tab.say('This too');
    await tab.chat.locator('.own:not(.sending)').nth(1).waitFor();
    expect(lost).to.equal(2);
    const rows = await foyer.select(
      "SELECT text FROM messages WHERE text IN ('Only once, please', 'This too') ORDER BY number",
    );
    expect(rows.map(({ text }) => text)).to.deep.equal(['Only once, please', 'This too']);
    expect(await tab.texts()).to.deep.equal(['Only once, please', 'This too']);
  });

  it('hears by long poll when a proxy holds streams back', async function () {
    this.timeout(60_000);
    await visitor.route(/\/visitor\/v1\/events/, (route) =>
      route.request().headers()['accept'] === 'text/event-stream' ? undefined : route.fallback(),
    );
    const polled = visitor.waitForEvent('request', {
      predicate: (request) => request.url().includes('events?wait=25'),
      timeout: 40_000,
    });
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Behind a proxy');
    const stanza = await anna.expect('the question', (one) => one.getChildText('body') === 'Behind a proxy');
    await polled;
    await anna.say(stanza.attrs['from']?.split('/')[0] ?? '', 'I can reach you');
    await tab.untilTexts('the answer', (texts) => texts.at(-1) === 'I can reach you', 40);
  });

  it('begins anew with a visitor whom the bridge knows no more, and keeps the text', async () => {
    const { tab } = await withConversation('Who am I?');
    const token = await tokenOf(tab);
    await foyer.select('UPDATE visitors SET token_hash = NULL ORDER BY id DESC LIMIT 1');
    const answer = (): Promise<Response> =>
      fetch(`${foyer.base}/visitor/v1/events?wait=0`, { headers: { authorization: `Bearer ${token}` } });
    await until(async () => (await answer()).status === 401, 'the bridge to have forgotten');
    await tab.say('Do you know me?');
    await anna.expect('the text', (one) => one.getChildText('body') === 'Do you know me?');
    await tab.untilTexts('the new chat', (texts) => texts.join() === 'Do you know me?');
  });

  it('gives a text back when the chat was closed before it came, and sends it into a new one when asked to', async () => {
    const { tab, contact } = await withConversation('Closing time');
    const token = await tokenOf(tab);
    await visitor.route(/\/chats\/\d+\/messages$/, async (route) => {
      const close = route.request().url().replace('/messages', '/close');
      await fetch(close, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
      return route.fallback();
    });
    await tab.say('Too late?');
    const refused = tab.chat.locator('.message.refused', { hasText: 'Too late?' });
    await refused.locator('.why', { hasText: 'the chat had ended' }).waitFor();
    await refused.locator('button', { hasText: 'Send again' }).click();
    await until(() => anna.texts(contact).includes('Too late?'), 'the text in a new chat');
    await tab.untilTexts('the new chat', (texts) => texts.join() === 'Too late?');
  });
});
