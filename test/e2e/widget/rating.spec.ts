import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

describe('the rating of a chat', () => {
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

  const ask = (on: boolean) => run(foyer.bridge.core.pool, 'UPDATE desks SET ask_rating = ?', [on]);
  const rated = async () =>
    (await foyer.select('SELECT score, words FROM chat_ratings ORDER BY chat_id DESC LIMIT 1'))[0];

  /** A visitor who has ended a chat, at a desk that asks or doesn't. */
  async function afterChat(asks: boolean): Promise<{ tab: Tab; visitor: BrowserContext }> {
    await ask(asks);
    const visitor = await browser.visitor({ bypassCSP: true });
    visitors.push(visitor);
    await until(async () => {
      const answer = await fetch(`${foyer.base}/visitor/v1/desks/main`);
      return ((await answer.json()) as { ask_rating: boolean }).ask_rating === asks;
    }, 'the desk’s setting');
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say('Thanks, bye');
    await tab.chat.locator('.own.acked, .own.stored').waitFor();
    await tab.chat.locator('#end').click();
    await tab.chat.locator('#ending-yes').click();
    await tab.chat.locator('#over').waitFor();
    return { tab, visitor };
  }

  it('is asked for after the end, takes stars at once and words after them, and shows them in every tab', async function () {
    this.timeout(90_000);
    const { tab, visitor } = await afterChat(true);
    const stars = tab.chat.locator('.star');
    await stars.first().waitFor();
    expect(await tab.faults()).to.deep.equal([]);
    const second = await openTab(visitor, browser.site);
    await second.launcher.click();
    await second.chat.locator('#over').waitFor();
    await stars.nth(3).click();
    await until(async () => (await rated())?.['score'] === 4, 'the stars in the record');
    for (const one of [tab, second])
      await until(async () => (await one.chat.locator('.star.lit').count()) === 4, 'four stars lit');
    expect(await tab.chat.locator('.star[aria-pressed=true]').getAttribute('aria-label')).to.equal('4 of 5 stars');
    await tab.chat.locator('#words').fill('Quick & kind <3');
    await tab.chat.locator('#rating button[type=submit], #rating .quiet').click();
    await until(async () => (await rated())?.['words'] === 'Quick & kind <3', 'the words in the record');
    expect(await tab.faults()).to.deep.equal([]);
    await tab.chat.locator('#again').click();
    await tab.field.waitFor();
    expect(await tab.chat.locator('#rating').isVisible()).to.equal(false);
  });

  it('isn’t asked for at a desk that doesn’t want it', async function () {
    this.timeout(90_000);
    const { tab } = await afterChat(false);
    expect(await tab.chat.locator('#rating').count()).to.equal(0);
  });
});
