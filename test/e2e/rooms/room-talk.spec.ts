import { expect } from 'chai';
import { xml, type Element } from '@xmpp/client';
import { changeDepartment } from '../../../bridge/domain/queue/change-department.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { MessageJson, Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { enter, grant, heard, invited, sayIn, setSubject, type Invitation } from './in-rooms.js';

const NS_CHAT_STATES = 'http://jabber.org/protocol/chatstates';
const NS_CORRECTION = 'urn:xmpp:message-correct:0';
const NS_RETRACTION = 'urn:xmpp:message-retract:1';

/** Anna talks to Vera, who reads German, in the contact's window; Ben and Cora are in the room. */
describe('what is said in a chat’s room', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let ben: OperatorClient;
  let cora: OperatorClient;
  let page: Page;
  let chatId: number;
  let contact: string;
  let place: Invitation;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    ben = await foyer.operator('ben', 'Ben');
    cora = await foyer.operator('cora', 'Cora');
    page = foyer.page();
    await page.visit({ nick: 'Vera', language: 'de' });
    contact = foyer.contact(page);
    chatId = (await page.startChat('Guten Tag')).id;
    await until(() => anna.texts(contact).includes('Guten Tag'), 'the question at Anna');
    await anna.say(contact, 'Go ahead', { id: 'annas-first-words' });
    await onPage('Go ahead');
    await anna.say(contact, '!invite ben');
    place = await invited(ben);
    await enter(ben, place.room, 'Ben', place.password);
    await onPage('Ben ist dazugekommen.');
    await ben.expect('Vera in the room', (one) => one.is('presence') && one.attrs['from'] === `${place.room}/Vera`);
  });

  after(() => foyer.stop());

  function onPage(text: string): Promise<MessageJson[]> {
    return page.untilMessages(chatId, `“${text}” on the page`, (list) => list.some((one) => one.text === text));
  }

  /** Who the page was last told types; null: nobody. */
  async function typing(): Promise<string | null> {
    const { body } = await page.call<{ events: { kind: string; data: { typing: boolean; name: string } }[] }>(
      'GET',
      `/events?wait=0&cursor=${chatId}.1`,
    );
    const last = body.events.findLast(({ kind }) => kind === 'typing');
    return last?.data.typing === true ? last.data.name : null;
  }

  function types(client: OperatorClient, state: string): Promise<unknown> {
    return client.send(xml('message', { to: place.room, type: 'groupchat' }, xml(state, { xmlns: NS_CHAT_STATES })));
  }

  function replaced(client: OperatorClient, text: string): Promise<Element> {
    return client.expect(
      `“${text}” in place of other words`,
      (one) => one.getChildText('body') === text && one.getChild('replace', NS_CORRECTION) !== undefined,
    );
  }

  it('shows the page all who type, and the room that the visitor does', async () => {
    await anna.say(contact, '!invite cora');
    const own = await invited(cora);
    await enter(cora, own.room, 'Cora', own.password);
    await types(ben, 'composing');
    await until(async () => (await typing()) === 'Ben', 'Ben typing');
    await types(cora, 'composing');
    await until(async () => (await typing()) === 'Ben, Cora', 'both typing');
    await types(ben, 'paused');
    await until(async () => (await typing()) === 'Cora', 'Cora going on');
    await sayIn(cora, place.room, 'A moment');
    await onPage('A moment');
    await page.call('POST', `/chats/${chatId}/typing`, { typing: true });
    await ben.expect(
      'the visitor typing',
      (one) => one.attrs['from'] === `${place.room}/Vera` && one.getChild('composing', NS_CHAT_STATES) !== undefined,
    );
  });

  it('is corrected on the page, at the owner and in the room, whoever said it', async () => {
    await sayIn(ben, place.room, 'We doo', 'bens-first-words');
    await onPage('We doo');
    await until(() => anna.texts(contact).some((text) => text.endsWith('Ben: We doo')), 'the words at Anna');
    const replace = xml('replace', { xmlns: NS_CORRECTION, id: 'bens-first-words' });
    const fixed = { to: place.room, type: 'groupchat', id: 'bens-second-words' };
    await ben.send(xml('message', fixed, xml('body', {}, 'We do'), replace));
    const messages = await onPage('We do');
    expect(messages.map(({ text }) => text)).not.to.include('We doo');
    await replaced(anna, `[Chat ${(await page.chat(chatId)).number}] Ben: We do`);
    await anna.say(contact, 'Please go ahead', { replaces: 'annas-first-words' });
    await onPage('Please go ahead');
    await anna.say(contact, 'In a weak', { id: 'annas-words-in-the-room' });
    await until(() => heard(ben, place.room).includes('Foyer: Anna: In a weak'), 'Anna’s words in the room');
    await anna.say(contact, 'In a week', { replaces: 'annas-words-in-the-room' });
    expect((await replaced(ben, 'Anna: In a week')).attrs['from']).to.equal(`${place.room}/Foyer`);
  });

  it('is taken back by the id that the room gave it, and the words that say so are shown to nobody', async () => {
    await sayIn(ben, place.room, 'My password is swordfish');
    await onPage('My password is swordfish');
    const own = await ben.expect('it back', (one) => one.getChildText('body') === 'My password is swordfish');
    const id = own.getChild('stanza-id')?.attrs['id'] ?? '';
    const words = xml('body', {}, 'took back a message');
    const retract = xml('retract', { xmlns: NS_RETRACTION, id });
    await ben.send(xml('message', { to: place.room, type: 'groupchat', id: 'taken-back' }, retract, words));
    const messages = await page.untilMessages(chatId, 'the words gone', (list) =>
      list.every(({ text }) => !text.includes('swordfish')),
    );
    expect(messages.map(({ text }) => text)).not.to.include('took back a message');
    await anna.expect('a retraction', (one) => one.getChild('retract', NS_RETRACTION) !== undefined);
  });

  it('has a topic that the page shows, that stays over a restart, and that only those set who may', async () => {
    await sayIn(ben, place.room, '!topic Versand nach Malta');
    await onPage('Thema: Versand nach Malta');
    await foyer.stopBridge();
    await foyer.startBridge();
    await cora.send(xml('presence', { to: `${place.room}/Cora`, type: 'unavailable' }));
    const already = cora.received.length;
    await enter(cora, place.room, 'Cora', place.password);
    await until(
      () => cora.received.slice(already).some((one) => one.getChildText('subject') === 'Versand nach Malta'),
      'the topic told to who comes in',
    );
    await foyer.bridge.core.transactions.alone(async (tx) => {
      const roomRights = { join: 'manage', invite: 'manage', kick: 'manage', topic: 'manage' } as const;
      await changeDepartment(tx, 1, 1, { roomRights });
    });
    await cora.expect('the room’s new settings', (one) => one.is('message') && codes(one).includes('104'));
    await setSubject(cora, place.room, 'Mine', 'coras-topic');
    const refused = await cora.expect('a refusal', (one) => one.attrs['id'] === 'coras-topic');
    expect(refused.attrs['type']).to.equal('error');
    await sayIn(ben, place.room, '!topic Mine');
    await until(() => ben.texts(contact).some((text) => text.includes('may not do this')), 'a refusal of the word');
    await anna.say(contact, '!invite cora');
    await until(() => anna.texts(contact).some((text) => text.includes('may not do this')), 'a refusal to invite');
    await grant(foyer, 'ben', 'manage');
    await sayIn(ben, place.room, '!topic Rückgabe');
    await onPage('Thema: Rückgabe');
    expect((await page.messages(chatId)).map(({ text }) => text)).not.to.include('Thema: Mine');
  });

  it('to Foyer alone is for Foyer alone', async () => {
    const aside = { to: `${place.room}/Foyer`, type: 'chat', id: 'to-foyer' };
    await ben.send(xml('message', aside, xml('body', {}, 'This customer is a pain')));
    await until(() => ben.texts(`foyer@${foyer.settings.ejabberd.host}`).length > 0, 'an answer');
    await sayIn(ben, place.room, 'Behind it');
    const messages = await onPage('Behind it');
    expect(messages.map(({ text }) => text)).not.to.include('This customer is a pain');
  });
});

function codes(message: Element): string[] {
  const x = message.getChild('x', 'http://jabber.org/protocol/muc#user');
  return x?.getChildren('status').map((status) => status.attrs['code'] ?? '') ?? [];
}
