import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { MailServer } from '../../support/mail-server.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

const FORUM = 'https://forum.example/new?chat={chat}&name={name}';

describe('after a chat, in the widget', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let browser: VisitorBrowser;
  let server: MailServer;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    server = await MailServer.start(null);
    foyer = await TestFoyer.start({
      environment: {
        ...{ FOYER_MAIL_HOST: '127.0.0.1', FOYER_MAIL_PORT: String(server.port), FOYER_MAIL_ENCRYPTION: 'none' },
        FOYER_MAIL_FROM: 'chat@shop.example',
      },
    });
    anna = await foyer.operator('anna', 'Anna');
    browser = await visitorBrowser(foyer.base);
  });

  afterEach(async () => {
    for (const visitor of visitors.splice(0)) await visitor.close();
  });

  after(async () => {
    await browser.close();
    await foyer.stop();
    await server.stop();
  });

  let changes = 0;
  /** Waits until pages are told of it. */
  async function setDesk(followUp: string | null, opening: 'auto' | 'closed' = 'auto'): Promise<void> {
    const name = `Shop ${(changes += 1)}`;
    await run(foyer.bridge.core.pool, 'UPDATE desks SET follow_up = ?, name = ?', [followUp, name]);
    await run(foyer.bridge.core.pool, 'UPDATE departments SET opening = ?', [opening]);
    await until(async () => {
      const answer = await fetch(`${foyer.base}/visitor/v1/desks/main`);
      const desk = (await answer.json()) as { name: string; open: boolean };
      return desk.name === name && desk.open === (opening === 'auto');
    }, 'the changed desk');
  }

  async function talked(answered: boolean): Promise<Tab> {
    const visitor = await browser.visitor({ bypassCSP: true });
    visitors.push(visitor);
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    const before = anna.received.length;
    await tab.say('Hello');
    const stanza = await until(
      () => anna.received.slice(before).find((one) => one.getChildText('body') === 'Hello'),
      'the words at the operator',
    );
    if (answered) {
      await anna.say(stanza.attrs['from']?.split('/')[0] ?? '', 'Good day');
      await tab.chat.getByText('Good day').waitFor();
    }
    await tab.chat.locator('#end').click();
    await tab.chat.locator('#ending-yes').click();
    await tab.chat.locator('#over').waitFor();
    return tab;
  }

  it('the visitor can have it by mail, and go on where the desk says', async function () {
    this.timeout(90_000);
    await setDesk(FORUM);
    const tab = await talked(true);
    await tab.chat.locator('#mail input').fill('vera@example.org');
    expect(await tab.faults()).to.deep.equal([]);
    await tab.chat.locator('#mail button').click();
    await tab.chat.getByText('on its way').waitFor();
    const { to, mail } = await until(() => server.arrived[0], 'the mail');
    expect(to).to.deep.equal(['vera@example.org']);
    expect(mail.text).to.contain('Anna: Good day');
    const link = tab.chat.locator('#go-on');
    expect(await link.getAttribute('href')).to.match(/^https:\/\/forum\.example\/new\?chat=\d+&name=/);
    expect(await link.getAttribute('rel')).to.equal('noopener noreferrer');
    expect(mail.text).to.contain('https://forum.example/new?chat=');
    await tab.chat.locator('#again').click();
    await tab.field.waitFor();
    expect(await tab.chat.locator('#mail').isVisible()).to.equal(false);
    expect(await link.isVisible()).to.equal(false);
  });

  it('offers no mail of what nobody has answered, and a link while the desk is closed', async function () {
    this.timeout(90_000);
    await setDesk(null);
    const tab = await talked(false);
    await tab.chat.locator('#over-text').getByText('ended').waitFor();
    expect(await tab.chat.locator('#mail').count()).to.equal(0);
    expect(await tab.chat.locator('#go-on').count()).to.equal(0);
    await setDesk(FORUM, 'closed');
    const visitor = await browser.visitor({ bypassCSP: true });
    visitors.push(visitor);
    const other = await openTab(visitor, browser.site);
    await other.launcher.click();
    await other.chat.locator('#go-on').waitFor();
    expect(await other.chat.locator('#go-on').getAttribute('href')).to.equal(
      'https://forum.example/new?chat=&name=Vera',
    );
  });
});
