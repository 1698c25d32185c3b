import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

const TEXT = 'You can’t chat here at the moment.';

describe('the widget of a visitor who is banned', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let api: Helpdesk;
  let anna: OperatorClient;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    api = await helpdesk(foyer);
    anna = await foyer.operator('anna', 'Anna');
  });

  after(async () => {
    for (const visitor of visitors) await visitor.close();
    await browser.close();
    await foyer.stop();
  });

  async function withTab(): Promise<{ tab: Tab; visitor: BrowserContext }> {
    const visitor = await browser.visitor({ bypassCSP: true });
    visitors.push(visitor);
    return { visitor, tab: await openTab(visitor, browser.site) };
  }

  /** One clear text, and nothing to write into. */
  async function isOut(tab: Tab): Promise<void> {
    await tab.chat.locator('#over-text', { hasText: TEXT }).waitFor();
    for (const part of ['#composer', '#again', '#later', '#end'])
      expect(await tab.chat.locator(part).isVisible(), part).to.equal(false);
    expect(await tab.chat.locator('#trouble').textContent()).to.equal('');
  }

  it('says so at once in every tab, after a reload, and to another browser at the address; then it is over', async function () {
    this.timeout(120_000);
    const { tab, visitor } = await withTab();
    await tab.open();
    await tab.say('You fools');
    const contact = await until(
      () => anna.received.find((stanza) => stanza.getChildText('body') === 'You fools')?.attrs['from']?.split('/')[0],
      'Anna reads it',
    );
    const second = await openTab(visitor, browser.site);
    await second.launcher.click();
    await second.field.waitFor();
    await type(anna, contact, '!block 1d');
    for (const one of [tab, second]) await isOut(one);
    if (process.env['FOYER_SCREENSHOTS'])
      await tab.page.screenshot({ path: `${process.env['FOYER_SCREENSHOTS']}/banned.png` });
    expect(await tab.faults()).to.deep.equal([]);
    await tab.page.reload();
    await isOut(tab);
    const other = await withTab();
    await other.tab.launcher.click();
    await isOut(other.tab);

    const { bans } = (await api<{ bans: { id: number }[] }>('GET', '/bans')).body;
    for (const { id } of bans) await api('DELETE', `/bans/${id}`);
    // Listens may go by what was known of bans a second ago.
    const writes = async () => {
      await tab.page.reload();
      await tab.chat.locator('#again').click({ timeout: 5_000 });
      await tab.field.fill('Sorry', { timeout: 5_000 });
      await tab.field.press('Enter', { timeout: 5_000 });
      return true;
    };
    await until(() => writes().catch(() => false), 'the visitor can write again', 60);
    await until(() => anna.texts(contact).includes('Sorry'), 'Anna reads that too');
  });
});
