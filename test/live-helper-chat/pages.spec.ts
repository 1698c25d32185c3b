import { expect } from 'chai';
import { chromium, type Browser, type Page as Tab } from 'playwright-core';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { ADMIN } from './support/install.js';
import { Stand } from './support/stand.js';

describe('A real Live Helper Chat: the extension’s pages, in a browser', () => {
  let stand: Stand;
  let browser: Browser;
  let tab: Tab;
  let ada: OperatorClient;

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    tab = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
    await tab.goto(`${stand.site.url}/site_admin/user/login`);
    await tab.locator('[name=Username]').fill(ADMIN.user);
    await tab.locator('[name=Password]').fill(ADMIN.password);
    await tab.locator('[name=Login]').click();
    await tab.waitForLoadState();
  });

  after(async () => {
    await browser.close();
    await stand.stop();
  });
  afterEach(async () => expect(await stand.site.complaints()).to.deep.equal([]));

  const open = async (path: string) => {
    await tab.goto(`${stand.site.url}/site_admin/${path}`);
  };

  it('has a way to them in the menu of modules', async () => {
    await open('');
    const link = tab.locator('a[href$="foyer/index"]').first();
    expect(await link.getAttribute('href')).to.match(/site_admin\/foyer\/index$/);
    await open('foyer/index');
    expect(await tab.locator('a[href$="foyer/connection"]').count()).to.be.greaterThan(0);
  });

  it('tests the round trip, and says what is wrong', async () => {
    await open('foyer/connection');
    await tab.locator('[name=test]').click();
    await tab.locator('#foyer-steps .alert-success').nth(1).waitFor();
    stand.world.links.pages.cut();
    await tab.locator('[name=test]').click();
    await tab.locator('#foyer-steps .alert-danger').waitFor();
    stand.world.links.pages.mend();
    await tab.locator('[name=new_secret]').click();
    await tab.locator('#foyer-steps .alert-success').nth(1).waitFor();
    await tab.locator('[name=test]').click();
    await tab.locator('#foyer-steps .alert-success').nth(1).waitFor();
    await tab.locator('[name=bridge_url]').fill('https://user@bridge.example');
    await tab.locator('[name=connect]').click();
    await tab.getByText('must not hold a user name').waitFor();
  });

  it('gives a user an account with which an XMPP client logs in', async () => {
    await open('foyer/operators');
    await tab.locator('tr', { hasText: ADMIN.user }).locator('[name=create]').click();
    const password = await tab.locator('#foyer-password code').innerText();
    await until(
      async () =>
        (await stand.bridgeRows("SELECT state FROM accounts WHERE local = 'admin'"))[0]?.['state'] === 'ready',
      'the account',
    );
    ada = await stand.client('admin', password);
    await open('foyer/operators');
    expect(await tab.locator('tr', { hasText: ADMIN.user }).innerText()).to.match(/admin@foyer\.localhost\s+available/);
  });

  it('shows the state, and sends again', async () => {
    await open('foyer/state');
    await stand.site.run(
      "INSERT INTO lhc_foyer_outbox (lane, kind, payload, dead, error, ctime) VALUES ('operators', 'department', '{\"department\":1}', 1, 'refused', UNIX_TIMESTAMP())",
    );
    await open('foyer/state');
    await tab.locator('table.table-hover [name=resend]').click();
    await tab.getByText('It is sent again').waitFor();
    expect(await stand.site.rows('SELECT * FROM lhc_foyer_outbox')).to.deep.equal([]);
  });

  it('shows an XMPP operator’s words in the chat window of the web interface', async () => {
    const visitor = stand.site.visitor();
    await visitor.view('/hats');
    const id = await visitor.start('Hello web', { nick: 'Vera' });
    const from = await stand.contactOf(visitor);
    await open(`chat/single/${id}`);
    await tab.getByText('Hello web').first().waitFor();
    await until(() => ada.texts(from).includes('Hello web'), 'the words');
    await ada.say(from, 'Hello from XMPP');
    await tab.getByText('Hello from XMPP').first().waitFor();
    await tab.locator(`#CSChatMessage-${id} [contenteditable]`).click();
    await tab.keyboard.type('Hello from the browser');
    await tab.keyboard.press('Enter');
    await until(
      () => ada.texts(from).some((text) => text.endsWith('Hello from the browser')),
      'the words of the browser',
    );
  });
});
