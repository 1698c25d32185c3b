import { expect } from 'chai';
import { xml } from '@xmpp/client';
import type { BrowserContext } from 'playwright-core';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { HOSTILE, hostileLines, joinedLines, type HostileText } from '../../support/hostile-texts.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from '../widget/visitor-browser.js';
import { watchForHarm } from './harm.js';

const named = (...names: string[]): HostileText[] => HOSTILE.filter(({ name }) => names.includes(name));
/** A host with letters that pass for others is shown in ASCII too. */
const onPage = (message: string): string => message.replace('https://аpple.example/', '$& (xn--pple-43d.example)');
/** As a page may: several white spaces of a title are one. */
const tight = (text: unknown): string => String(text).replace(/\s+/g, ' ');

describe('hostile texts in a real browser', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let browser: VisitorBrowser;
  let api: Helpdesk;
  let visitor: BrowserContext;
  /** What must not happen: scripts, dialogs, refusals of the page's policy, windows, requests to elsewhere. */
  const harm: string[] = [];

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    browser = await visitorBrowser(foyer.base);
    api = await helpdesk(foyer);
  });

  beforeEach(async () => {
    visitor = await browser.visitor();
    await watchForHarm(visitor, [browser.site, foyer.base], harm);
  });

  afterEach(async () => {
    await visitor.close();
    expect(harm.splice(0)).to.deep.equal([]);
  });

  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  /** Types without a keyboard: half a surrogate pair or a null have no key, and no way through the driver either. */
  async function type(tab: Tab, text: string): Promise<void> {
    await tab.field.evaluate((field, json) => {
      (field as HTMLTextAreaElement).value = JSON.parse(json) as string;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      (field as HTMLTextAreaElement).form?.requestSubmit();
    }, JSON.stringify(text));
  }

  async function talk(first: string): Promise<{ tab: Tab; chatId: number; contact: string }> {
    const tab = await openTab(visitor, browser.site);
    await tab.open();
    await tab.say(first);
    const row = await until(
      async () =>
        (
          await foyer.select(
            'SELECT chats.id, chats.visitor_id FROM messages JOIN chats ON chats.id = messages.chat_id WHERE text = ?',
            [first],
          )
        )[0],
      'the chat',
    );
    const contact = `visitor.${String(row['visitor_id'])}@${foyer.settings.ejabberd.host}`;
    await until(() => anna.texts(contact).includes(first), 'the first words at the operator');
    return { tab, chatId: Number(row['id']), contact };
  }

  /** What elements the texts of the window have become, beside links and, in messages, marks (XEP-0393). */
  const elements = (tab: Tab): Promise<string[]> =>
    tab.chat
      .locator(':is(.text, .name, .system, header :is(h1, p), #typing, #over-text) *:not(a)')
      .evaluateAll((all) =>
        all
          .filter((one) => !one.matches('.text :is(strong, em, s, code)') || one.attributes.length > 0)
          .map((one) => one.outerHTML),
      );

  /** Everything in the window is within it, whatever the texts. */
  async function fits(tab: Tab): Promise<void> {
    const wide = await tab.chat
      .locator('body')
      .evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('header, header *, #log, #log *, footer *')]
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.closest('svg, .spoken') === null)
          .map((one) => one.outerHTML.slice(0, 200)),
      );
    expect(wide, 'beyond the edge').to.deep.equal([]);
  }

  it('come from the visitor to the operator as they were typed, and stay text in the window', async () => {
    const { tab, contact } = await talk('From a visitor');
    for (const { text } of HOSTILE) await type(tab, text);
    const expected = ['From a visitor', ...HOSTILE.map(({ message }) => message)];
    await until(() => anna.texts(contact).length === expected.length, 'all of them at the operator', 60);
    expect(anna.texts(contact)).to.deep.equal(expected);
    await until(
      async () => (await tab.chat.locator('.own.sending, .own.refused').count()) === 0,
      'all of them to be sent',
    );
    expect(await tab.texts()).to.deep.equal(expected.map(onPage));
    expect(await elements(tab)).to.deep.equal([]);
    await fits(tab);
  });

  it('come from the operator to the page, and only addresses of the web become links', async () => {
    const { tab, contact } = await talk('To a visitor');
    for (const { message } of HOSTILE) await anna.say(contact, message);
    const expected = ['To a visitor', ...HOSTILE.map(({ message }) => message)];
    const shown = await tab.untilTexts('all of them', (texts) => texts.length === expected.length, 60);
    expect(shown).to.deep.equal(expected.map(onPage));
    expect(await elements(tab)).to.deep.equal([]);
    const links = await tab.chat.locator('#log a').evaluateAll((all) =>
      all.map((link) => ({
        protocol: (link as HTMLAnchorElement).protocol,
        rel: (link as HTMLAnchorElement).rel,
        attributes: link.getAttributeNames().sort().join(' '),
      })),
    );
    expect(links.length).to.be.above(5);
    for (const { protocol, rel, attributes } of links) {
      expect(protocol).to.be.oneOf(['http:', 'https:']);
      expect(rel.split(' ')).to.include.members(['noopener', 'noreferrer']);
      expect(attributes).to.equal('href rel target');
    }
    await fits(tab);
  });

  it('come from the helpdesk as names of authors and as notices', async () => {
    const { tab, chatId } = await talk('Of authors');
    const names = hostileLines(100);
    const messages = [
      ...names.map(({ text }, i) => ({ sender: 'operator', author: text, text: `${i}`, message_id: `a${i}` })),
      ...HOSTILE.map(({ text }, i) => ({ sender: 'system', text, message_id: `s${i}` })),
    ];
    for (let at = 0; at < messages.length; at += 50)
      await api('POST', `/chats/${chatId}/messages`, { messages: messages.slice(at, at + 50) });
    const system = tab.chat.locator('.system');
    await until(async () => (await system.count()) === HOSTILE.length, 'all notices');
    expect(await system.allTextContents()).to.deep.equal(HOSTILE.map(({ message }) => message));
    const authors = await tab.chat.locator('.message:has(.meta:not(:empty)) .name').allTextContents();
    expect(authors).to.deep.equal(names.map(({ line }) => line));
    expect(await elements(tab)).to.deep.equal([]);
    await fits(tab);
  });

  it('come as an operator’s name into the window’s head, and leave the words around it in their order', async () => {
    const { tab, chatId, contact } = await talk('Of names');
    await anna.say(contact, 'Here I am');
    await tab.untilTexts('the answer', (texts) => texts.includes('Here I am'));
    const { body } = await api<{ operators: { id: number }[] }>('GET', '/operators');
    const path = `/operators/${body.operators[0]?.id ?? 0}`;
    const choice = named(
      'image that fails',
      'overrides without end',
      'override to the left',
      'word of 90 letters',
    ).concat(
      named(
        'isolates closed too often',
        'replacement patterns',
        'prototype',
        'format strings',
        'second half of a pair',
      ),
    );
    for (const { text, line } of choice) {
      await api('PATCH', path, { name: text });
      await until(
        async () =>
          (await api<{ chat: { operator: { name: string } } }>('GET', `/chats/${chatId}`)).body.chat.operator.name ===
          line,
        'the new name',
      );
      await until(async () => {
        await tab.page.reload();
        await tab.field.waitFor();
        return (await tab.chat.locator('#subtitle').textContent()) === `You are talking with ${line}`;
      }, `${line} in the head`);
      const states = 'http://jabber.org/protocol/chatstates';
      await anna.send(xml('message', { to: contact, type: 'chat' }, xml('composing', { xmlns: states })));
      const typing = tab.chat.locator('#typing');
      await until(async () => (await typing.textContent()) === `${line} is typing…`, 'that somebody types');
      const order = await typing.evaluate((place, length) => {
        const words = place.firstChild as Text;
        return [0, length].map((at) => {
          const range = document.createRange();
          range.setStart(words, at);
          range.setEnd(words, at + 1);
          return range.getBoundingClientRect();
        });
      }, line.length + 1);
      const [first, behind] = order as [DOMRect, DOMRect];
      expect(behind.top > first.top || behind.left > first.left, `“is” behind ${line}`).to.equal(true);
      await anna.send(xml('message', { to: contact, type: 'chat' }, xml('paused', { xmlns: states })));
      expect(await elements(tab)).to.deep.equal([]);
      await fits(tab);
    }
    await api('PATCH', path, { name: 'Anna' });
  });

  it('come as the words of a desk', async () => {
    const { body } = await api<{ departments: { id: number }[] }>('GET', '/departments');
    const make = (key: string, more: object) =>
      api('POST', '/desks', { key, department: body.departments[0]?.id, allowed_origins: ['*'], ...more });
    const closed = await api<{ department: { id: number } }>('POST', '/departments', {
      ...{ name: 'Closed', opening: 'closed' },
    });
    const [open, shut] = [joinedLines(200), joinedLines(1000)];
    for (const [i, { text }] of open.entries())
      await make(`open-${i}`, { name: text, texts: { greeting: text, placeholder: text } });
    for (const [i, { text }] of shut.entries())
      await make(`shut-${i}`, { name: 'Shop', department: closed.body.department.id, texts: { closed: text } });
    await until(async () => {
      const frame = await fetch(`${foyer.base}/widget/frame.html?desk=shut-${shut.length - 1}`);
      return frame.headers.get('content-security-policy')?.includes('frame-ancestors *');
    }, 'the desks to be known');
    const tab = await openTab(visitor, `${browser.site}/?desk=open-0`);
    for (const [i, { line }] of open.entries()) {
      await tab.page.goto(`${browser.site}/?desk=open-${i}`);
      await tab.open();
      expect(await tab.chat.locator('#title').textContent()).to.equal(line);
      expect(await tab.chat.locator('.text').allTextContents()).to.deep.equal([onPage(line)]);
      expect(await tab.chat.locator('.name').allTextContents()).to.deep.equal([line]);
      expect(await tab.field.getAttribute('placeholder')).to.equal(line);
      expect(await tab.page.locator('.foyer').getAttribute('aria-label')).to.equal(`Chat with ${line}`);
      expect(await elements(tab)).to.deep.equal([]);
      await fits(tab);
    }
    for (const [i, { line }] of shut.entries()) {
      await tab.page.goto(`${browser.site}/?desk=shut-${i}`);
      await tab.launcher.click();
      await until(
        async () => (await tab.chat.locator('#over-text').textContent())?.startsWith(`${line} `),
        'the words of a closed desk',
      );
      expect(await elements(tab)).to.deep.equal([]);
      await fits(tab);
    }
  });

  it('come from the site’s page as nick, title and address', async () => {
    let count = 0;
    const page = await visitor.newPage();
    // The way from page to bridge is the same for all of them; each is sent to the bridge itself elsewhere.
    const some = HOSTILE.filter(({ text, line }, i) => i % 6 === 0 || text.length > 100 || text !== line);
    for (const { name, text, line } of some) {
      await page.goto(`${browser.site}/?bare&${(count += 1)}`);
      await page.evaluate(
        ([json = '', source = '']) => {
          const words = JSON.parse(json) as string;
          document.title = words;
          history.replaceState(null, '', `${location.origin}/${words.toWellFormed()}`);
          const script = document.createElement('script');
          Object.assign(script.dataset, { desk: 'main', nick: words });
          script.src = source;
          document.head.append(script);
        },
        [JSON.stringify(text), `${foyer.base}/widget.js`],
      );
      await page.locator('.foyer-launcher').waitFor();
      const address = new URL(await page.evaluate(() => location.href));
      const [row] = await foyer.select('SELECT nick, page_title, page_url FROM visitors ORDER BY id DESC LIMIT 1');
      expect(`${address.origin}${address.pathname}`.slice(0, 2000), name).to.equal(row?.['page_url']);
      expect(line.startsWith(String(row?.['nick'])) && String(row?.['nick']).length, `nick: ${name}`).to.equal(
        Math.min(line.length, 100),
      );
      expect(tight(line).startsWith(tight(row?.['page_title'])), `title: ${name}`).to.equal(true);
    }
  });

  it('come as an invitation that pops up by itself', async () => {
    const tab = await openTab(visitor, browser.site);
    const [row] = await foyer.select('SELECT id FROM visitors ORDER BY id DESC LIMIT 1');
    const contact = `visitor.${String(row?.['id'])}@${foyer.settings.ejabberd.host}`;
    await anna.say(contact, HOSTILE[0]?.message ?? '');
    await tab.page.locator('.foyer-peek').waitFor();
    for (const { message } of HOSTILE.slice(1)) await anna.say(contact, message);
    const shown = await tab.untilTexts('all of them', (texts) => texts.length === HOSTILE.length, 60);
    expect(shown).to.deep.equal(HOSTILE.map(({ message }) => onPage(message)));
    expect(await elements(tab)).to.deep.equal([]);
    await fits(tab);
    const foreign = await tab.page
      .locator('body *:not(main, main *, .foyer, .foyer *)')
      .evaluateAll((all) => all.map((one) => one.outerHTML));
    expect(foreign, 'on the site’s page').to.deep.equal([]);
  });
});
