import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk } from '../../support/helpdesk.js';
import { identityOf } from '../../support/identity.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type VisitorBrowser } from './visitor-browser.js';

describe('the widget of a member', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let anna: OperatorClient;
  let secret: string;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    anna = await foyer.operator('anna', 'Anna');
    const api = await helpdesk(foyer);
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
  const as = (sub: string) => `${browser.site}/?identity=${identityOf(secret, { sub, name: `Member ${sub}` })}`;

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

  it('isn’t there when the identity is made up', async () => {
    const visitor = await device();
    const page = await visitor.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${browser.site}/?identity=${identityOf('x'.repeat(43), { sub: 'zoe' })}`);
    await until(() => said.some((text) => text.includes('refused: identity_invalid')), 'the console says why');
    expect(await page.locator('.foyer-launcher').count()).to.equal(0);
  });
});
