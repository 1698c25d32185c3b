import type { Element } from '@xmpp/client';
import { expect } from 'chai';
import type { BrowserContext } from 'playwright-core';
import { createLog } from '../../../bridge/observe/log.js';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from './visitor-browser.js';

/** No text that anybody sends; where it is found, a draft was kept. */
const SECRET = 'hunter2';

describe('what a visitor is typing', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let browser: VisitorBrowser;
  let receiver: Receiver;
  let api: Helpdesk;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let visitor: BrowserContext;
  let tab: Tab;
  let contact: string;
  let log = '';
  /** Bodies of the page's calls that say that somebody types. */
  const drafts: string[] = [];

  before(async () => {
    const write = (line: string) => void (log += line);
    foyer = await TestFoyer.start({
      environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' },
      log: createLog('trace', { write }),
    });
    browser = await visitorBrowser(foyer.base);
    receiver = await startReceiver();
    api = await helpdesk(foyer);
    await api('PUT', '/instance/callback', { url: receiver.url });
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    visitor = await browser.visitor({ bypassCSP: true });
    tab = await openTab(visitor, browser.site);
    tab.page.on('request', (request) => {
      if (request.url().endsWith('/typing')) drafts.push(request.postData() ?? '');
    });
    await tab.open();
    await tab.say('Hello');
    const stanza = await anna.expect('the question', (one) => one.getChildText('body') === 'Hello');
    contact = stanza.attrs['from']?.split('/')[0] ?? '';
    await type(anna, contact, '!accept');
  });

  after(async () => {
    await browser.close();
    await foyer.stop();
    await receiver.stop();
  });

  const hint = () => tab.chat.locator('#preview');
  const composing = (one: Element) => one.getChild('composing', 'http://jabber.org/protocol/chatstates') !== undefined;
  /** What this client shows of it: all that it was told, in order. */
  const shown = (client: OperatorClient) =>
    client.received.flatMap((one) => one.getChild('rtt', 'urn:xmpp:rtt:0')?.getChildText('t') ?? []);
  const allow = async (preview: boolean) => {
    const [desk] = (await api<{ desks: { id: number }[] }>('GET', '/desks')).body.desks;
    await api('PATCH', `/desks/${desk?.id}`, { preview });
  };
  /** The page says that somebody types, and nothing more: also the bridge drops what another page would send. */
  async function expectNoDraft(text: string): Promise<void> {
    const [told, before, states] = [drafts.length, shown(anna).length, anna.received.filter(composing).length];
    expect(await hint().isVisible()).to.equal(false);
    await tab.write(text);
    await until(
      () => drafts.length > told && anna.received.filter(composing).length > states,
      'Anna sees that it types',
    );
    const page = foyer.page();
    await page.visit();
    const { id } = await page.startChat(`Me too: ${text.length}`);
    await until(() => anna.texts(foyer.contact(page)).length > 0, 'Anna is asked');
    await type(anna, foyer.contact(page), '!accept');
    expect((await page.call('POST', `/chats/${id}/typing`, { typing: true, text })).status).to.equal(204);
    await anna.expect(
      'the other one types',
      (one) => composing(one) && one.attrs['from']?.startsWith(foyer.contact(page)) === true,
    );
    expect(shown(anna).slice(before)).to.deep.equal([]);
    expect(drafts.slice(told).join()).not.to.contain('text');
    await tab.write('');
  }

  it('stays with the page while the desk doesn’t allow it, whatever the operator asks for', async () => {
    expect(await type(anna, contact, '!preview')).to.contain('!preview on or !preview off');
    expect(await type(anna, contact, '!preview on')).to.contain('where the desk allows it');
    await expectNoDraft('Not for you');
  });

  it('stays with the page where the desk allows it and the operator doesn’t ask for it', async () => {
    await allow(true);
    expect(await type(anna, contact, '!preview off')).to.contain('once they send it');
    await expectNoDraft('Nor is this');
  });

  it('is shown to its operator alone, who asks for it at a desk that allows it; and the visitor reads that it is', async () => {
    await type(anna, contact, '!preview on');
    await hint().waitFor();
    expect(await hint().textContent()).to.equal('What you type can be seen before you send it.');
    expect(await tab.faults()).to.deep.equal([]);
    await tab.write('I have lost');
    await until(() => shown(anna).at(-1) === 'I have lost', 'Anna sees it');
    await tab.write('');
    await until(() => shown(anna).at(-1) === '', 'it is gone when it is deleted');
    expect(shown(bert)).to.deep.equal([]);
  });

  it('is shown as it was typed, as far as it fits, whatever it is', async () => {
    const hostile = `</t><body>${SECRET}</body>& 👩‍👩‍👧 ${'🦊'.repeat(7_500)}`;
    await tab.write(hostile);
    await until(() => shown(anna).at(-1)?.startsWith('</t><body>') === true, 'Anna sees it');
    const text = shown(anna).at(-1) ?? '';
    expect(text).to.equal(hostile.slice(0, text.length));
    expect(text.length).to.be.within(999, 1_000);
    expect(text.isWellFormed(), 'no half of a letter').to.equal(true);
    expect(drafts.at(-1), 'the rest doesn’t leave the page').to.have.length.below(1_100);
    expect(anna.texts(contact).filter((one) => one.includes(SECRET))).to.deep.equal([]);
  });

  it('is gone once something is sent, and kept nowhere', async () => {
    await tab.write(`My password is ${SECRET}`);
    await until(() => shown(anna).at(-1) === `My password is ${SECRET}`, 'Anna sees it');
    await tab.say('Never mind');
    await until(() => anna.texts(contact).includes('Never mind') && shown(anna).at(-1) === '', 'only that is left');
    await until(async () => (await foyer.select('SELECT lane FROM outbox')).length === 0, 'all has left');
    await until(() => receiver.received.some(({ raw }) => raw.includes('Never mind')), 'the helpdesk has the message');
    const columns = await foyer.select(
      `SELECT table_name AS t, column_name AS c FROM information_schema.columns
        WHERE table_schema = DATABASE() AND data_type IN ('char', 'varchar', 'text', 'mediumtext', 'longtext', 'blob', 'mediumblob', 'longblob')`,
    );
    expect(columns.length).to.be.greaterThan(50);
    const found = [];
    for (const { t, c } of columns as { t: string; c: string }[]) {
      const kept = await foyer.select(`SELECT 1 FROM \`${t}\` WHERE \`${c}\` LIKE ? LIMIT 1`, [`%${SECRET}%`]);
      if (kept.length > 0) found.push(`${t}.${c}`);
    }
    expect(found).to.deep.equal([]);
    expect(log).to.contain('typing').and.not.contain(SECRET);
    expect(JSON.stringify(receiver.received)).not.to.contain(SECRET);
  });

  it('stays with the page again once the operator asks for it no more', async () => {
    await type(anna, contact, '!preview off');
    await hint().waitFor({ state: 'hidden' });
    await expectNoDraft('Private again');
  });
});
