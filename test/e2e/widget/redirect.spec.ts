import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('a visitor’s page that an operator sends elsewhere', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let api: Helpdesk;
  let anna: OperatorClient;
  let visitor: BrowserContext;
  let tab: Tab;
  let contact: string;

  before(async () => {
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    api = await helpdesk(foyer);
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async function () {
    visitor = await browser.visitor({ bypassCSP: true });
    tab = await openTab(visitor, browser.site);
    await tab.open();
    const text = `Where is it? ${this.currentTest?.title}`;
    await tab.say(text);
    contact = await until(
      () => anna.received.find((stanza) => stanza.getChildText('body') === text)?.attrs['from']?.split('/')[0],
      'Anna reads it',
    );
    await type(anna, contact, '!accept');
  });

  afterEach(() => visitor.close());

  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  const path = (one: Tab) => new URL(one.page.url()).pathname;
  const how = async (redirect_how: string) => {
    const [desk] = (await api<{ desks: { id: number }[] }>('GET', '/desks')).body.desks;
    await api('PATCH', `/desks/${desk?.id}`, { redirect_how });
  };
  /** Where the chat was is the chat, with what was said. */
  async function chatGoesOn(): Promise<void> {
    await tab.chat.locator('.system', { hasText: `${browser.site}/pricing` }).waitFor();
    await tab.say('Thank you');
    await until(() => anna.texts(contact).includes('Thank you'), 'Anna reads it');
    expect(await tab.chat.locator('#redirect').isVisible()).to.equal(false);
  }

  it('offers it as a button, which takes the page there and the chat along', async () => {
    await how('ask');
    await type(anna, contact, '!redirect /pricing');
    const button = tab.chat.locator('#redirect button');
    await button.waitFor();
    expect(await button.textContent()).to.equal('/pricing');
    expect(await tab.chat.locator('#redirect p').textContent()).to.equal('Anna suggests this page:');
    expect(await tab.faults()).to.deep.equal([]);
    if (process.env['FOYER_SCREENSHOTS'])
      await tab.page.screenshot({ path: `${process.env['FOYER_SCREENSHOTS']}/redirect.png` });
    await tab.page.reload();
    await button.waitFor();
    expect(path(tab), 'nobody clicked').to.equal('/');
    await button.click();
    await tab.page.waitForURL('**/pricing');
    await chatGoesOn();
    await tab.page.reload();
    await tab.untilTexts('the chat', (texts) => texts.includes('Thank you'));
    expect(await tab.chat.locator('#redirect').isVisible()).to.equal(false);
  });

  it('goes there by itself, in one tab and once, where the desk wants that', async () => {
    await how('go');
    const behind = await openTab(visitor, `${browser.site}/other`);
    await behind.launcher.click();
    await behind.field.waitFor();
    await tab.page.bringToFront();
    await type(anna, contact, '!redirect /pricing');
    await until(() => [tab, behind].some((one) => path(one) === '/pricing'), 'one goes');
    const [gone, stayed] = path(tab) === '/pricing' ? [tab, behind] : [behind, tab];
    await stayed.chat.locator('.system', { hasText: '/pricing' }).waitFor();
    tab = gone;
    await chatGoesOn();
    await tab.page.goto(`${browser.site}/back`);
    await tab.untilTexts('the chat', (texts) => texts.includes('Thank you'));
    expect([path(tab), path(stayed)], 'not a second time').to.deep.equal(['/back', stayed === behind ? '/other' : '/']);
  });
});
