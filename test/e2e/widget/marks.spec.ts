import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('marks and links in the window (XEP-0393)', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let visitor: BrowserContext;
  let anna: OperatorClient;
  let tab: Tab;
  let contact: string;

  before(async function () {
    this.timeout(90_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    anna = await foyer.operator('anna', 'Anna');
    visitor = await browser.visitor({ bypassCSP: true });
    tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Is *that* `possible`?');
    contact = await until(
      () =>
        anna.received
          .find((stanza) => stanza.getChildText('body') === 'Is *that* `possible`?')
          ?.attrs['from']?.split('/')[0],
      'Anna reads the marks as they were typed',
    );
  });
  after(async () => {
    await visitor.close();
    await browser.close();
    await foyer.stop();
  });

  /** What the page makes of an operator's words. */
  async function shown(text: string, unstyled = false): Promise<string> {
    void anna.say(contact, text, { unstyled });
    const line = tab.chat.locator('.message:not(.own) .text').last();
    const letters = (some: string) => some.replace(/[\s>`]/g, '');
    await until(
      async () => letters((await line.textContent()) ?? '').startsWith(letters(text).slice(0, 20)),
      `the page shows ${text}`,
    );
    await tab.chat.locator('.own .text strong').first().waitFor();
    return line.evaluate((element) => element.innerHTML);
  }

  it('are shown in what the visitor wrote, and in what the operator did', async () => {
    const own = await tab.chat
      .locator('.own .text')
      .first()
      .evaluate((element) => element.innerHTML);
    expect(own).to.equal('Is <strong>*that*</strong> <code>`possible`</code>?');
    expect(await shown('_Yes_, ~no~\n> *quoted*\n> ```\n> code\nand 2*3*4')).to.equal(
      '<em>_Yes_</em>, <s>~no~</s><blockquote><strong>*quoted*</strong><pre>code</pre></blockquote>and 2*3*4',
    );
    const weight = await tab.chat
      .locator('.own .text strong')
      .first()
      .evaluate((element) => getComputedStyle(element).fontWeight);
    expect(Number(weight)).to.be.at.least(600);
    expect(await tab.faults()).to.deep.equal([]);
  });

  it('are only letters where the operator wants that', async () => {
    expect(await shown('*args, **kwargs* and https://shop.example/', true)).to.match(/^\*args, \*\*kwargs\* and <a /);
    expect(await shown('*args, **kwargs*')).to.contain('<strong>');
  });

  it('make links that lead nowhere else than they say, and tell the other side nothing', async () => {
    await shown('*see https://shop.example/a_b?c=1.* or mailto:anna@shop.example');
    const links = await tab.chat.locator('.message:not(.own) .text a').evaluateAll((all) =>
      all.map((one) => ({
        href: (one as HTMLAnchorElement).href,
        rel: (one as HTMLAnchorElement).rel,
        target: (one as HTMLAnchorElement).target,
      })),
    );
    const safe = { rel: 'noopener noreferrer nofollow', target: '_blank' };
    expect(links.slice(-2)).to.deep.equal([
      { href: 'https://shop.example/a_b?c=1', ...safe },
      { href: 'mailto:anna@shop.example', ...safe },
    ]);
    expect(await shown('Go to https://аpple.example/')).to.contain('(xn--pple-43d.example)');
  });

  it('never become markup, script or a link of another kind', async () => {
    const alarms: string[] = [];
    tab.page.on('dialog', (dialog) => void (alarms.push(dialog.message()), dialog.dismiss()));
    for (const text of [
      '*<img src=x onerror=alert(1)>*',
      '`<script>alert(2)</script>`',
      '> <iframe srcdoc="<script>alert(3)</script>"></iframe>',
      '```\n<svg onload=alert(4)>\n```',
      'javascript:alert(5) *javascript:alert(5)* data:text/html,<script>alert(5)</script>',
      'https://bank.example@evil.example/ _https://bank.example:pw@evil.example/_',
      '\u202e*https://example.org/\u202egpj.exe*',
      `*${'> '.repeat(3_000)}${'_a '.repeat(3_000)}`,
    ])
      await shown(text);
    const log = tab.chat.locator('#log');
    expect(await log.locator('img, script, iframe, svg:not(.tick), [onerror], [onload], [style]').count()).to.equal(0);
    const links = await log.locator('a').evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
    expect(links.filter((href) => !/^(https:\/\/(shop|example|xn--pple-43d)\.|mailto:anna@)/.test(href))).to.deep.equal(
      [],
    );
    const isolated = await log
      .locator('a')
      .last()
      .evaluate((element) => getComputedStyle(element).unicodeBidi);
    expect(isolated).to.equal('isolate');
    expect(alarms).to.deep.equal([]);
  });
});
