import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('the widget’s window', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
  });

  afterEach(async () => {
    for (const visitor of visitors.splice(0)) await visitor.close();
  });

  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  async function withTab(options = {}, path = '/'): Promise<Tab> {
    const visitor = await browser.visitor(options);
    visitors.push(visitor);
    return openTab(visitor, browser.site + path);
  }

  const lastText = async (): Promise<unknown> =>
    (await foyer.select('SELECT text FROM messages ORDER BY chat_id DESC, number DESC LIMIT 1'))[0]?.['text'];

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing for axe to find in ${colorScheme}, in whatever state`, async function () {
      this.timeout(60_000);
      // Axe is put into the frame by the test, which the frame's own policy forbids.
      const tab = await withTab({ colorScheme, bypassCSP: true });
      expect(await tab.faults(), 'closed').to.deep.equal([]);
      await tab.open();
      expect(await tab.faults(), 'empty').to.deep.equal([]);
      await tab.say('Look at https://example.org/ please');
      await tab.chat.locator('.own.acked, .own.stored').waitFor();
      await tab.write('x'.repeat(40_000));
      expect(await tab.faults(), 'too long').to.deep.equal([]);
      await tab.chat.locator('#end').click();
      expect(await tab.faults(), 'asking').to.deep.equal([]);
      await tab.chat.locator('#ending-yes').click();
      await tab.chat.locator('#again').waitFor();
      expect(await tab.faults(), 'ended').to.deep.equal([]);
    });
  }

  it('works by keyboard alone and gives the focus back', async () => {
    const tab = await withTab();
    const { keyboard } = tab.page;
    await tab.page.locator('#before').focus();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await until(
      () => tab.field.evaluate((field) => field === document.activeElement).catch(() => false),
      'the focus in the field',
    );
    await keyboard.type('First line');
    await keyboard.press('Shift+Enter');
    await keyboard.type('second line');
    await keyboard.press('Enter');
    await until(async () => (await lastText()) === 'First line\nsecond line', 'the text in the record');
    await keyboard.press('Escape');
    await until(
      () => tab.launcher.evaluate((button) => button === document.activeElement),
      'the focus on the launcher',
    );
    expect(await tab.launcher.getAttribute('aria-expanded')).to.equal('false');
  });

  it('takes a message of 30 KB, and refuses a longer one before it is sent', async () => {
    const tab = await withTab();
    const most = 'ä'.repeat(15_360);
    await tab.open();
    await tab.say(`${most}!`);
    expect(await tab.chat.locator('#limit').textContent()).to.include('30 of 30 KB: too long');
    expect(await tab.field.getAttribute('aria-invalid')).to.equal('true');
    expect(await tab.field.inputValue()).to.have.length(15_361);
    await tab.say(most);
    await until(async () => (await lastText()) === most, 'the text in the record');
    expect(await tab.field.inputValue()).to.equal('');
  });

  it('shows markup as text and makes only safe links', async () => {
    const tab = await withTab();
    const text = '<img src=x onerror="document.title=1"> javascript:alert(1) (https://example.org/a_(b)?c=1).';
    await tab.open();
    await tab.say(text);
    await tab.untilTexts('the text', (texts) => texts.join() === text);
    expect(await tab.chat.locator('#log img').count()).to.equal(0);
    const links = await tab.chat
      .locator('#log a')
      .evaluateAll((all) =>
        all.map((link) => [link.getAttribute('href'), link.getAttribute('rel'), link.getAttribute('target')]),
      );
    expect(links).to.deep.equal([['https://example.org/a_(b)?c=1', 'noopener noreferrer nofollow', '_blank']]);
  });

  it('fills the screen of a phone without covering the next page', async () => {
    const tab = await withTab({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
    await tab.open();
    // It rises into its place; what counts is where it comes to rest.
    await until(async () => {
      const box = await tab.page.locator('.foyer-window').boundingBox();
      return box?.x === 0 && box.y === 0 && box.width === 360 && box.height === 640;
    }, 'the window to fill the screen');
    const wide = await tab.page.frames()[1]?.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).to.be.at.most(360);
    await tab.page.goto(`${browser.site}/next`);
    await tab.launcher.waitFor();
    expect(await tab.page.locator('.foyer-window').isVisible()).to.equal(false);
  });

  it('speaks the language of the page', async () => {
    const tab = await withTab({ locale: 'de-AT' });
    expect(await tab.launcher.getAttribute('aria-label')).to.equal('Open chat');
    const german = await withTab({}, '/?lang=de-AT');
    expect(await german.launcher.getAttribute('aria-label')).to.equal('Chat öffnen');
    await german.launcher.click();
    await german.chat.locator('#text[aria-label="Ihre Nachricht"]').waitFor();
    expect(await german.chat.locator('html').getAttribute('lang')).to.equal('de');
  });

  it('keeps the token out of every address', async () => {
    const visitor = await browser.visitor();
    visitors.push(visitor);
    const addresses: string[] = [];
    visitor.on('request', (request) => addresses.push(request.url()));
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Secret');
    await tab.chat.locator('.own:not(.sending)').waitFor();
    const token = await tab.page.evaluate(
      () => Object.entries(localStorage).find(([key]) => key.endsWith(':token'))?.[1] ?? '',
    );
    expect(token).to.have.length.above(20);
    expect(addresses.filter((address) => address.includes(token))).to.deep.equal([]);
    const here = await tab.page.evaluate((secret) => document.documentElement.outerHTML.includes(secret), token);
    expect(here).to.equal(false);
  });

  it('works on a site with a strict policy, and leaves one global behind', async () => {
    const visitor = await browser.visitor();
    visitors.push(visitor);
    const page = await visitor.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const policy = `default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; connect-src ${foyer.base}; frame-src ${foyer.base}`;
    await page.addInitScript(() => Object.assign(window, { before: new Set(Object.getOwnPropertyNames(window)) }));
    await page.goto(`${browser.site}/?nonce=abc&policy=${encodeURIComponent(policy)}`);
    await page.locator('.foyer-launcher').click();
    await page.frameLocator('.foyer-window iframe').locator('#text').waitFor();
    const added = await page.evaluate(() => {
      const { before } = window as unknown as { before: Set<string> };
      return Object.getOwnPropertyNames(window).filter(
        (name) => !before.has(name) && name !== 'before' && Number.isNaN(Number(name)),
      );
    });
    expect(added).to.deep.equal(['foyer']);
    expect(complaints.filter((text) => /policy|error/i.test(text) && !text.includes('favicon'))).to.deep.equal([]);
    expect(await page.evaluate(() => document.head.firstElementChild?.tagName)).to.equal('STYLE');
  });

  it('keeps the chat for as long as the page lives where the site may store nothing', async () => {
    const visitor = await browser.visitor();
    visitors.push(visitor);
    await visitor.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('denied', 'SecurityError');
          },
        });
      }
    });
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Without a trace');
    await until(async () => (await lastText()) === 'Without a trace', 'the text in the record');
    await tab.say('Still there');
    await until(async () => (await lastText()) === 'Still there', 'the second text');
  });

  it('leaves it to one tab to listen when several are in the background', async () => {
    const listeners = (count: number): Promise<boolean> =>
      until(() => foyer.bridge.core.wake.size === count, `${count} listening`);
    await listeners(0);
    const visitor = await browser.visitor();
    visitors.push(visitor);
    await visitor.addInitScript(`let behind = false;
      Object.defineProperty(document, 'hidden', { get: () => behind });
      window.put = (where) => { behind = where === 'behind'; document.dispatchEvent(new Event('visibilitychange')); };`);
    const tabs = [];
    for (const path of ['/a', '/b', '/c']) tabs.push(await openTab(visitor, browser.site + path));
    await listeners(3);
    for (const { page } of tabs) await page.evaluate("put('behind')");
    await listeners(1);
    await tabs[2]?.page.evaluate("put('in front')");
    await listeners(2);
  });

  it('isn’t shown on sites that the desk doesn’t name', async () => {
    const { pool } = foyer.bridge.core;
    await run(pool, `UPDATE desks SET allowed_origins = '["https://shop.example"]'`, []);
    const visitor = await browser.visitor();
    visitors.push(visitor);
    try {
      const page = await visitor.newPage();
      // Without the bridge's leave the browser doesn't even show the page why.
      const visits = /\/visitor\/v1\/visits$/;
      await until(async () => {
        const refused = page.waitForEvent('requestfailed', {
          predicate: (request) => visits.test(request.url()),
          timeout: 2000,
        });
        await page.goto(browser.site);
        return refused.then(
          () => true,
          () => false,
        );
      }, 'the refusal');
      expect(await page.locator('.foyer-launcher').count()).to.equal(0);
      const policy = async (): Promise<string> =>
        (await fetch(`${foyer.base}/widget/frame.html?desk=main`)).headers.get('content-security-policy') ?? '';
      await until(
        async () => (await policy()).includes("frame-ancestors 'self' https://shop.example"),
        'the frame’s policy',
      );
    } finally {
      await run(pool, `UPDATE desks SET allowed_origins = '["*"]'`, []);
    }
  });

  it('has a demo site of three pages with the widget', async () => {
    const visitor = await browser.visitor({ bypassCSP: true });
    visitors.push(visitor);
    const tab = await openTab(visitor, `${foyer.base}/demo`);
    expect(await tab.faults()).to.deep.equal([]);
    await tab.page.locator('[data-chat]').click();
    await tab.say('From the demo');
    await until(async () => (await lastText()) === 'From the demo', 'the text in the record');
    for (const name of ['Prices', 'Questions']) {
      await tab.page.locator('nav a', { hasText: name }).click();
      await tab.page.locator('nav a[aria-current]', { hasText: name }).waitFor();
      await tab.untilTexts('the conversation', (texts) => texts.join() === 'From the demo');
      expect(await tab.faults(), name).to.deep.equal([]);
    }
  });
});
