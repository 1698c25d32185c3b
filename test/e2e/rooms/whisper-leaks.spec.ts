import { expect } from 'chai';
import { xml, type Element } from '@xmpp/client';
import type { BrowserContext } from 'playwright-core';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { TestFoyer } from '../../support/bridge.js';
import { apiKey, helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { MailServer } from '../../support/mail-server.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { openStream, type PageStream } from '../../support/page-stream.js';
import { until } from '../../support/until.js';
import { openTab, visitorBrowser, type Tab, type VisitorBrowser } from '../widget/visitor-browser.js';
import { enter, heard, invited, sayIn, type Invitation } from './in-rooms.js';
import { aside, giveAccess, operatorId, watch, whispers } from './supervisors.js';

/** Stands in every whisper, and may stand nowhere that the visitor can look. */
const SECRET = 'Psst';

/** Vera chats in a real browser with Anna; Mona watches, Max manages the department, Ben is asked into the room. */
describe('whispers', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let service: string;
  let receiver: Receiver;
  let mails: MailServer;
  let api: Helpdesk;
  let anna: OperatorClient;
  let mona: OperatorClient;
  let max: OperatorClient;
  let ben: OperatorClient;
  let browser: VisitorBrowser;
  let vera: BrowserContext;
  let tab: Tab;
  /** The same visitor as the browser's, as far as HTTP shows it. */
  let page: Page;
  let stream: PageStream;
  let contact: string;
  let chatId: number;
  let number: number;
  let place: Invitation;
  const login = {} as { user: string; password: string };

  before(async () => {
    receiver = await startReceiver();
    mails = await MailServer.start(null);
    foyer = await TestFoyer.start({
      environment: {
        FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true',
        FOYER_MAIL_HOST: '127.0.0.1',
        FOYER_MAIL_PORT: String(mails.port),
        FOYER_MAIL_ENCRYPTION: 'none',
        FOYER_MAIL_FROM: 'chat@shop.example',
      },
    });
    service = `foyer@${foyer.settings.ejabberd.host}`;
    api = await helpdesk(foyer);
    await api('PUT', '/instance/callback', { url: receiver.url });
    Object.assign(login, await foyer.addOperator('anna', 'Anna'));
    anna = await foyer.client(login);
    browser = await visitorBrowser(foyer.base);
    vera = await browser.visitor();
    let token = '';
    vera.on('request', (request) => {
      token = /^Bearer (.+)$/.exec(request.headers()['authorization'] ?? '')?.[1] ?? token;
    });
    tab = await openTab(vera, browser.site);
    await tab.open();
    await tab.say('I have a question');
    const [chat] = await until(async () => {
      const found = await foyer.select('SELECT id, number, visitor_id FROM chats');
      return found.length > 0 ? found : null;
    }, 'the chat');
    chatId = Number(chat?.['id']);
    number = Number(chat?.['number']);
    page = foyer.page();
    page.token = token;
    page.visitorId = Number(chat?.['visitor_id']);
    contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes('I have a question'), 'the question at Anna');
    await say('Go ahead');
    stream = await openStream(foyer.base, token);
    mona = await foyer.operator('mona', 'Mona');
    max = await foyer.operator('max', 'Max');
    ben = await foyer.operator('ben', 'Ben');
    await giveAccess(foyer, 'mona', 'monitor');
    await giveAccess(foyer, 'max', 'manage');
    place = await watch(foyer, mona, number, 'Mona');
  });

  after(async () => {
    await stream.hangUp();
    await browser.close();
    await foyer.stop();
    await mails.stop();
    await receiver.stop();
  });

  /** Ordinary words of Anna’s; what was done before has had its effect once they are on the page. */
  async function say(text: string): Promise<void> {
    await anna.say(contact, text);
    await tab.untilTexts(`“${text}” in the browser`, (texts) => texts.includes(text));
  }

  /** Everything that the visitor can get to see of the chat. */
  async function seen(): Promise<Record<string, string>> {
    await say(`later ${crypto.randomUUID()}`);
    await until(() => stream.text().includes('later'), 'the stream');
    const polled = await page.call('GET', `/events?cursor=0.0`);
    const second = await openTab(vera, `${browser.site}/again`);
    await second.open();
    await second.untilTexts('the history', (texts) => texts.some((text) => text.startsWith('later')));
    const frames = await Promise.all([tab, second].flatMap((one) => one.page.frames()).map((frame) => frame.content()));
    await second.page.close();
    const feed = await foyer.select('SELECT * FROM feed WHERE chat_id = ?', [chatId]);
    const messages = await foyer.select('SELECT * FROM messages WHERE chat_id = ?', [chatId]);
    const told = receiver.received.filter(({ body }) => body.type !== 'chat.noted').map(({ raw }) => raw);
    return {
      stream: stream.text(),
      polled: JSON.stringify(polled.body),
      history: JSON.stringify(await page.messages(chatId)),
      chat: JSON.stringify((await page.call('GET', `/chats/${chatId}`)).body),
      browser: frames.join('\n'),
      feed: JSON.stringify(feed),
      record: JSON.stringify(messages),
      callbacks: told.join('\n'),
    };
  }

  async function expectNoLeak(): Promise<void> {
    for (const [where, text] of Object.entries(await seen())) {
      expect(text.length, where).to.be.greaterThan(20);
      expect(text.includes(SECRET), `a whisper in ${where}`).to.equal(false);
    }
  }

  const kept = async (text: string): Promise<void> =>
    void (await until(async () => (await whispers(foyer, chatId)).includes(text), `“${text}” in the record`));

  const at = (client: OperatorClient, text: string): Promise<string> =>
    until(() => client.texts(contact).find((one) => one.endsWith(`\n${text}`)), `“${text}” at ${client.jid}`);

  it('reach operators alone, whatever they look like', async () => {
    await mona.say(service, `!whisper ${number} ${SECRET} one`);
    await at(anna, `${SECRET} one`);
    await mona.say(contact, `!whisper !${SECRET} with a mark`);
    await at(anna, `!${SECRET} with a mark`);
    await mona.say(contact, `/whisper ${SECRET}\nin\nlines`);
    await at(anna, `${SECRET}\nin\nlines`);
    await anna.say(contact, `!whisper\n${SECRET} back`);
    await at(mona, `${SECRET} back`);
    await anna.say(contact, `!WHISPER 7 ${SECRET} numbers`);
    await at(mona, `7 ${SECRET} numbers`);
    await aside(mona, `${place.room}/Foyer`, `${SECRET} aside`);
    await at(anna, `${SECRET} aside`);
    await api('POST', `/chats/${chatId}/whispers`, { operator: await operatorId(foyer, 'max'), text: `${SECRET} api` });
    await at(anna, `${SECRET} api`);
    await expectNoLeak();
  });

  it('stay whispers when they are corrected, with or without the command', async () => {
    const first = await anna.say(contact, `!whisper ${SECRET} tpyo`);
    await at(mona, `${SECRET} tpyo`);
    const second = await anna.say(contact, `${SECRET} typo`, { replaces: first });
    await at(mona, `${SECRET} typo`);
    await anna.say(contact, `${SECRET} typo again`, { replaces: second });
    await at(mona, `${SECRET} typo again`);
    const replaced = mona.received.filter((one) => one.getChild('replace', 'urn:xmpp:message-correct:0'));
    const original = mona.received.find((one) => one.getChildText('body')?.endsWith('tpyo') === true);
    expect(replaced.map((one) => one.getChild('replace')?.attrs['id'])).to.deep.equal(
      [1, 2].map(() => original?.attrs['id']),
    );
    const note = await anna.say(contact, `!note ${SECRET} to myself`);
    const refused = await anna.say(contact, `!wisper ${SECRET} mistyped`);
    for (const id of [note, refused]) await anna.say(contact, `${SECRET} as a text`, { replaces: id });
    await until(() => anna.texts(contact).filter((text) => text.includes('was a command')).length === 2, 'refusals');
    await expectNoLeak();
  });

  it('can be taken back, and neither that nor what clients say with it reaches the page', async () => {
    const taken = await anna.say(contact, `!whisper ${SECRET} regret`);
    await at(mona, `${SECRET} regret`);
    const retract = (...child: Element[]) =>
      anna.send(
        xml(
          'message',
          { to: contact, type: 'chat', id: crypto.randomUUID() },
          ...child,
          xml('body', {}, `took back: ${SECRET}`),
        ),
      );
    await retract(xml('retract', { xmlns: 'urn:xmpp:message-retract:1', id: taken }));
    await mona.expect('a retraction', (one) => one.getChild('retract', 'urn:xmpp:message-retract:1') !== undefined);
    await until(async () => !(await whispers(foyer, chatId)).includes(`Anna: ${SECRET} regret`), 'the words gone');
    await retract(
      xml(
        'apply-to',
        { xmlns: 'urn:xmpp:fasten:0', id: 'unknown' },
        xml('retract', { xmlns: 'urn:xmpp:message-retract:0' }),
      ),
    );
    await until(() => anna.texts(contact).some((text) => text.includes('Nothing was taken back')), 'Anna told');
    await expectNoLeak();
  });

  it('are kept once, however often they come, and over a restart of the bridge', async () => {
    const id = crypto.randomUUID();
    for (let i = 0; i < 2; i += 1) await mona.say(service, `!whisper ${number} ${SECRET} twice`, { id });
    await at(anna, `${SECRET} twice`);
    await foyer.stopBridge();
    await mona.say(service, `!whisper ${number} ${SECRET} while it was away`);
    await foyer.startBridge();
    await at(anna, `${SECRET} while it was away`);
    await expectNoLeak();
    const all = await whispers(foyer, chatId);
    expect(all.filter((one) => one.endsWith('twice') || one.endsWith('away'))).to.deep.equal([
      ...[`Mona: ${SECRET} twice`, `Mona: ${SECRET} while it was away`],
    ]);
  });

  it('stay with the operators on another client of theirs, in the room, and when a watcher is typing', async () => {
    const phone = await foyer.client(login, { resource: 'phone' });
    await phone.send(xml('iq', { type: 'set', id: 'carbons' }, xml('enable', { xmlns: 'urn:xmpp:carbons:2' })));
    await phone.expect('carbons', (one) => one.is('iq') && one.attrs['id'] === 'carbons');
    await anna.say(contact, `!whisper ${SECRET} with a carbon`);
    await phone.expect('the carbon', (one) => one.toString().includes('with a carbon'));
    await anna.say(contact, '!invite ben');
    const asked = await invited(ben);
    await until(async () => (await enter(ben, asked.room, 'Ben', asked.password)).attrs['type'] !== 'error', 'Ben in');
    await sayIn(ben, asked.room, `!whisper ${SECRET} typed in the room`);
    await kept(`Ben: ${SECRET} typed in the room`);
    const wrong = crypto.randomUUID();
    await sayIn(mona, place.room, `${SECRET} without a voice`, wrong);
    await mona.expect('an error', (one) => one.attrs['type'] === 'error' && one.attrs['id'] === wrong);
    await aside(mona, `${place.room}/Vera`, `${SECRET} to the visitor`);
    await until(() => mona.texts(contact).some((text) => text.includes('can’t speak in it')), 'Mona told');
    const before = stream.text().length;
    await mona.send(
      xml(
        'message',
        { to: contact, type: 'chat' },
        xml('composing', { xmlns: 'http://jabber.org/protocol/chatstates' }),
      ),
    );
    await expectNoLeak();
    expect(stream.text().slice(before)).not.to.contain('typing');
    expect(heard(ben, asked.room).join('\n')).not.to.contain('without a voice');
    await phone.stop();
  });

  it('reach nobody else when the owner changes, or the chat ends, at the same moment', async () => {
    await Promise.all([
      mona.say(service, `!whisper ${number} ${SECRET} in between`),
      max.say(service, `!takeover ${number}`),
      anna.say(contact, `!whisper ${SECRET} too`),
    ]);
    await kept(`Mona: ${SECRET} in between`);
    await until(
      async () =>
        (await whispers(foyer, chatId)).includes(`Anna: ${SECRET} too`) ||
        anna.texts(contact).some((text) => text.includes('is not yours')),
      'Anna’s whisper kept or refused',
    );
    await until(async () => (await page.chat(chatId)).operator?.name === 'Max', 'Max the owner');
    const last = await max.say(contact, `!whisper ${SECRET} the last`);
    await kept(`Max: ${SECRET} the last`);
    const key = await apiKey(foyer.bridge.core);
    await Promise.all([
      max.say(contact, '!finish'),
      mona.say(service, `!whisper ${number} ${SECRET} at the end`),
      fetch(`${foyer.base}/api/v1/chats/${chatId}/whispers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ operator: await operatorId(foyer, 'max'), text: `${SECRET} over the API` }),
      }),
    ]);
    await until(async () => (await page.chat(chatId)).state === 'closed', 'the chat closed');
    await max.say(contact, `${SECRET} corrected afterwards`, { replaces: last });
    await max.say(contact, `!whisper ${SECRET} afterwards`);
    await until(() => max.texts(contact).filter((text) => text.includes('has ended')).length === 2, 'refusals');
    expect(JSON.stringify(await page.messages(chatId))).not.to.contain(SECRET);
    expect(JSON.stringify(await foyer.select('SELECT * FROM chats'))).not.to.contain('corrected afterwards');
  });

  it('stand in the record for operators, and in nothing that is sent to the visitor', async () => {
    await page.call('POST', `/chats/${chatId}/mail`, { email: 'vera@example.org', client_message_id: 'mail-1' });
    const mail = await until(() => mails.arrived.find(({ to }) => to.includes('vera@example.org')), 'the mail', 30);
    expect(mail.mail.text).to.contain('Go ahead');
    expect(`${mail.mail.text}\n${String(mail.mail.html)}`).not.to.contain(SECRET);
    const { raw } = await api('GET', `/chats/${chatId}/transcript?format=text`);
    expect(raw).to.contain(`Whisper by Mona: ${SECRET} one`);
    const noted = receiver.received.filter(({ body }) => body.type === 'chat.noted' && body.data['note'] !== undefined);
    const kinds = noted
      .map(({ body }) => body.data['note'] as { kind: string; text: string })
      .filter(({ text }) => text.includes(SECRET) && !text.endsWith('to myself'));
    expect(new Set(kinds.map(({ kind }) => kind))).to.deep.equal(new Set(['whisper']));
    const others = receiver.received.filter(({ body }) => body.type !== 'chat.noted').map(({ raw }) => raw);
    expect(others.join('\n')).not.to.contain(SECRET);
    expect(stream.text()).not.to.contain(SECRET);
  });
});
