import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

const HOSTILE = '<img src=x onerror="document.body.remove()"> 🦊 مرحبا'.padEnd(300, ' long');
const QUESTIONS = [
  { key: 'name', kind: 'name', label: 'Your name', translations: { de: 'Ihr Name' }, required: true },
  { key: 'mail', kind: 'email', label: 'Your e-mail', required: true },
  { key: 'topic', kind: 'topic', label: 'Topic', choices: [{ value: 'Bill' }, { value: 'Other' }], required: true },
  { key: 'story', kind: 'long_text', label: HOSTILE },
  { key: 'terms', kind: 'consent', label: 'You may keep what I write', required: true },
];

describe('the widget at a desk that asks before a chat', () => {
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let api: Helpdesk;
  const visitors: BrowserContext[] = [];

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    browser = await visitorBrowser(foyer.base);
    api = await helpdesk(foyer);
  });
  beforeEach(() => ask(QUESTIONS));
  afterEach(async () => {
    for (const visitor of visitors.splice(0)) await visitor.close();
  });
  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  const ask = (questions: object[]) => api('PATCH', '/desks/1', { questions });
  const field = (tab: Tab, label: string) =>
    tab.chat.locator('#questions label', { hasText: label }).locator(':scope > :is(input, select, textarea)');
  /** To the chat that began with these words. */
  const answersTo = async (text: string) => {
    const answers = await until(async () => {
      const [row] = await foyer.select(
        'SELECT chats.answers FROM chats JOIN messages ON messages.chat_id = chats.id WHERE messages.text = ?',
        [text],
      );
      return row && JSON.parse((row['answers'] as string | null) ?? '[]');
    }, `“${text}” in the record`);
    return Object.fromEntries((answers as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
  };

  async function withTab(options = {}, path = '/?nick='): Promise<Tab> {
    const visitor = await browser.visitor(options);
    visitors.push(visitor);
    const tab = await openTab(visitor, browser.site + path);
    await tab.open();
    return tab;
  }

  it('is answered by keyboard alone, with labels that a screen reader says', async () => {
    const tab = await withTab({ bypassCSP: true });
    await tab.chat.locator('#questions').waitFor();
    expect(await tab.faults()).to.deep.equal([]);
    await field(tab, 'Your name').focus();
    await tab.page.keyboard.type('Anna');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.type('anna@example.org');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.type('B');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Space');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.type('My bill is wrong');
    await tab.page.keyboard.press('Enter');
    expect(await answersTo('My bill is wrong')).to.deep.equal({
      ...{ name: 'Anna', mail: 'anna@example.org', topic: 'Bill', terms: 'yes' },
    });
    await tab.chat.locator('#questions').waitFor({ state: 'hidden' });
  });

  it('is as wide as a phone, and shows labels as they are written', async () => {
    const tab = await withTab({ viewport: { width: 360, height: 640 } });
    const label = tab.chat.locator('#questions label', { hasText: '<img' });
    await label.waitFor();
    expect(await label.locator('span').first().textContent()).to.include(HOSTILE.trim());
    expect(await tab.chat.locator('#questions img').count()).to.equal(0);
    const sticksOut = await tab.chat
      .locator('#questions')
      .evaluate((form) =>
        [...form.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth),
      );
    expect(sticksOut).to.have.length(0);
    const reach = await tab.field.evaluate((one) => innerHeight - one.getBoundingClientRect().bottom);
    expect(reach, 'room below the field').to.be.at.least(0);
  });

  it('keeps the words until everything is answered, over a reload', async () => {
    const tab = await withTab();
    await field(tab, 'Your name').fill('Anna');
    await field(tab, 'Your e-mail').fill('anna@example');
    await tab.say('Please help');
    await until(
      () => field(tab, 'Your e-mail').evaluate((one) => one === document.activeElement),
      'the address to be asked for',
    );
    expect(await foyer.select('SELECT id FROM chats WHERE closed_at IS NULL AND last_number = 0')).to.deep.equal([]);
    await tab.page.reload();
    await until(async () => (await tab.field.inputValue().catch(() => '')) === 'Please help', 'the words, still there');
    await field(tab, 'Your name').fill('Anna');
    await field(tab, 'Your e-mail').fill('anna@example.org');
    await field(tab, 'Topic').selectOption('Other');
    await field(tab, 'You may').check();
    await tab.field.press('Enter');
    expect(await answersTo('Please help')).to.include({ topic: 'Other' });
  });

  it('asks anew when the questions have changed since the page was viewed, and loses nothing', async () => {
    const tab = await withTab();
    await field(tab, 'Your name').fill('Anna');
    await ask([QUESTIONS[0] as object, { key: 'size', kind: 'text', label: 'Size', required: true }]);
    await field(tab, 'Your e-mail').fill('anna@example.org');
    await field(tab, 'Topic').selectOption('Other');
    await field(tab, 'You may').check();
    await tab.say('Which size fits?');
    await field(tab, 'Size').waitFor();
    await tab.chat.locator('#questions p', { hasText: 'look at these questions' }).waitFor();
    expect(await tab.field.inputValue()).to.equal('Which size fits?');
    expect(await field(tab, 'Your name').inputValue()).to.equal('Anna');
    expect(await field(tab, 'Topic').count()).to.equal(0);
    await field(tab, 'Size').fill('42');
    await tab.field.press('Enter');
    expect(await answersTo('Which size fits?')).to.deep.equal({ name: 'Anna', size: '42' });
  });

  it('asks a page that knew of no question', async () => {
    await ask([]);
    const tab = await withTab();
    await ask([{ key: 'size', kind: 'text', label: 'Size', required: true }]);
    await tab.say('And which is mine?');
    await field(tab, 'Size').fill('42');
    expect(await tab.field.inputValue()).to.equal('And which is mine?');
    await tab.field.press('Enter');
    expect(await answersTo('And which is mine?')).to.deep.equal({ size: '42' });
  });

  it('leaves out what the site knows, and speaks the visitor’s language', async () => {
    const german = await withTab({}, '/?nick=&lang=de');
    await field(german, 'Ihr Name').waitFor();
    await ask(QUESTIONS.slice(0, 2));
    const tab = await withTab({}, '/?nick=Vera&email=vera@example.org');
    await tab.say('You know me');
    await tab.untilTexts('the words', (texts) => texts.includes('You know me'));
    expect(await tab.chat.locator('#questions label').count()).to.equal(0);
    const [row] = await foyer.select('SELECT nick, email FROM visitors ORDER BY id DESC LIMIT 1');
    expect(row).to.deep.equal({ nick: 'Vera', email: 'vera@example.org' });
    const odd = await withTab({}, '/?email=nobody@localhost');
    await field(odd, 'Your e-mail').waitFor();
  });
});
