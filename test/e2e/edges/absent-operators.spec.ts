import { expect } from 'chai';
import { xml, type Element } from '@xmpp/client';
import { BareClient } from '../../support/bare-client.js';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { beginTalk, numbered, pingServer, recorded, type Talk } from './talk.js';

const IDS = 'urn:xmpp:sid:0';
const ARCHIVE = 'urn:xmpp:mam:2';

describe('what is said to an operator whose connection is gone', function () {
  this.timeout(60_000);
  let foyer: TestFoyer;
  const open: BareClient[] = [];

  before(async () => {
    foyer = await TestFoyer.start();
  });

  afterEach(() => {
    for (const client of open.splice(0)) client.drop();
  });

  after(() => foyer.stop());

  interface Login {
    user: string;
    password: string;
    resource?: string;
  }

  /** A client without archive and carbons. `count`: with stream management; a number: may come back for so many seconds. */
  async function simpleClient(login: Login, count?: true | number): Promise<BareClient> {
    const { host } = foyer.settings.ejabberd;
    const client = await BareClient.login({ host, c2sPort: foyer.ejabberd.c2sPort }, login);
    open.push(client);
    if (count !== undefined) await client.countStanzas(count === true ? undefined : count);
    await client.write('<presence/>');
    await until(async () => (await foyer.show(login.user)) !== 'offline', `${login.user} online`);
    return client;
  }

  const untilOffline = (user: string) =>
    until(async () => (await foyer.show(user)) === 'offline', `${user} offline`, 20);

  /** A chat that is this client's. */
  async function ownTalk(client: BareClient): Promise<Talk> {
    const talk = await beginTalk(foyer, client);
    await client.write(
      `<message to="${talk.contact}" type="chat" id="${crypto.randomUUID()}"><body>Hi</body></message>`,
    );
    await talk.page.untilMessages(talk.chatId, 'the answer', (list) => list.length === 2);
    return talk;
  }

  /** The visitor says these; resolves when ejabberd has them. */
  async function say({ page, chatId }: Talk, texts: readonly string[]): Promise<void> {
    for (const text of texts) await page.say(chatId, text);
    const isAcked = (text: string) => (list: { text: string; state: string }[]) =>
      list.some((message) => message.text === text && message.state === 'acked');
    await page.untilMessages(chatId, 'ejabberd has it', isAcked(texts.at(-1) ?? ''));
  }

  /** All that this client has been given, once nothing more can be on its way. */
  async function heardBy(client: BareClient, talk: Talk): Promise<string[]> {
    const text = `now ${crypto.randomUUID()}`;
    await talk.page.say(talk.chatId, text);
    await until(() => client.texts(talk.contact).includes(text), 'what is said now');
    await client.ping();
    return client.texts(talk.contact).filter((one) => one !== text);
  }

  it('reaches a client without stream management with its next login, once', async () => {
    const operator = await foyer.addOperator('anna', 'Anna');
    const first = await simpleClient(operator);
    const talk = await ownTalk(first);
    first.drop();
    await untilOffline('anna');
    const meanwhile = numbered('meanwhile', 5);
    await say(talk, meanwhile);
    expect(await heardBy(await simpleClient(operator), talk)).to.deep.equal(meanwhile);
  });

  const COUNTING: readonly { what: string; count: true | number }[] = [
    { what: 'can’t resume', count: true },
    { what: 'could have resumed', count: 1 },
  ];
  for (const [i, { what, count }] of COUNTING.entries()) {
    it(`reaches a client with its next login, once, that ${what}, also what was on its way to it`, async () => {
      const operator = await foyer.addOperator(`bert-${i}`, 'Bert');
      const first = await simpleClient(operator, count);
      const talk = await ownTalk(first);
      await say(talk, ['heard']);
      await until(() => first.texts(talk.contact).includes('heard'), 'what is heard');
      await first.acknowledge();
      await first.ping();
      first.deafen();
      const unheard = numbered('unheard', 5);
      await say(talk, unheard);
      first.drop();
      await say(talk, ['into the tunnel']);
      await untilOffline(operator.user);
      await say(talk, ['later']);
      expect(await heardBy(await simpleClient(operator, count), talk)).to.deep.equal([
        ...unheard,
        'into the tunnel',
        'later',
      ]);
      expect(first.texts(talk.contact)).to.deep.equal(['Hello', 'heard']);
    });
  }

  it('comes to a client that reads its archive under the ids that it has there, and is there once', async () => {
    const operator = await foyer.addOperator('carl', 'Carl');
    const first = await simpleClient(operator, 1);
    const talk = await ownTalk(first);
    first.deafen();
    const texts = numbered('archived', 5);
    await say(talk, texts);
    first.drop();
    await untilOffline('carl');
    const second = await foyer.client(operator);
    await until(() => second.texts(talk.contact).includes('archived 5'), 'what was stored');
    await second.send(
      xml(
        'iq',
        { type: 'set', id: 'archive' },
        xml('query', { xmlns: ARCHIVE, queryid: 'q' }, archiveOf(talk.contact)),
      ),
    );
    await second.expect('the end of the archive', (one) => one.getChild('fin', ARCHIVE) !== undefined);
    await pingServer(second, foyer.settings.ejabberd.host);
    const archived = second.received
      .map((one) => one.getChild('result', ARCHIVE))
      .filter((one) => one !== undefined)
      .map((result) => ({
        id: result.attrs['id'] ?? '',
        text: textOf(result.getChild('forwarded')?.getChild('message')),
      }));
    expect(archived.map(({ text }) => text)).to.deep.equal(['Hello', 'Hi', ...texts]);
    const given = second.received
      .filter((one) => one.is('message') && textOf(one).startsWith('archived '))
      .map((one) => ({ id: one.getChild('stanza-id', IDS)?.attrs['id'] ?? '', text: textOf(one) }));
    expect(given).to.deep.equal(archived.slice(2));
    await second.stop();
    await untilOffline('carl');
  });

  it('isn’t said again to another client of the operator that has heard it', async () => {
    const operator = await foyer.addOperator('dora', 'Dora');
    const phone = await simpleClient({ ...operator, resource: 'phone' }, 1);
    const desktop = await simpleClient({ ...operator, resource: 'desktop' });
    const talk = await ownTalk(desktop);
    phone.deafen();
    const texts = numbered('at the desktop', 5);
    await say(talk, texts);
    phone.drop();
    await until(async () => (await sessionsOf('dora')) === 1, 'the phone’s end');
    expect(await heardBy(desktop, talk)).to.deep.equal(['Hello', ...texts]);
    expect(await recorded(foyer, talk.chatId)).to.include.members(texts);
  });

  async function sessionsOf(user: string): Promise<number> {
    const listed = await foyer.ejabberd.ctl('user_resources', user, foyer.settings.ejabberd.host);
    return listed.split('\n').filter((line) => line !== '').length;
  }
});

const textOf = (stanza: Element | undefined) => stanza?.getChildText('body') ?? '';

/** Of the operator's archive what was said with this contact. */
function archiveOf(contact: string): Element {
  const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
  return xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, field('FORM_TYPE', ARCHIVE), field('with', contact));
}
