import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, type Talk } from '../edges/talk.js';
import { enter, heard, invited, leave, sayIn, stateOf, type Invitation } from './in-rooms.js';

/** Anna talks to Vera in the contact's window, and asks Ben to join them. */
describe('a chat that becomes a room', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let ben: OperatorClient;
  let vera: Talk;
  let place: Invitation;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    ben = await foyer.operator('ben', 'Ben');
    vera = await beginTalk(foyer, anna, 'I have a question');
    await anna.say(vera.contact, 'Go ahead');
    await untilOnPage('operator: Go ahead');
  });

  after(() => foyer.stop());

  async function untilOnPage(line: string): Promise<string[]> {
    const messages = await vera.page.untilMessages(vera.chatId, `“${line}” on the page`, (list) =>
      list.some(({ sender, text }) => `${sender}: ${text}` === line),
    );
    return messages.map(({ sender, text }) => `${sender}: ${text}`);
  }

  it('has the colleague read what was said before, and the page hear who came', async () => {
    await anna.say(vera.contact, '!invite ben');
    place = await invited(ben);
    await until(async () => (await enter(ben, place.room, 'Ben', place.password)).attrs['type'] !== 'error', 'Ben in');
    const [before = ''] = await until(
      () => (heard(ben, place.room).length > 0 ? heard(ben, place.room) : null),
      'history',
    );
    expect(before).to.match(/^Foyer: .*\nVisitor \d+: I have a question\nAnna: Go ahead$/);
    await untilOnPage('system: Ben has joined.');
    await until(async () => (await stateOf(foyer, place.room)) === 'chatting', 'two people in the room');
  });

  it('is one conversation for all: in the room, in the contact’s window, on the page and in the record', async () => {
    await vera.page.say(vera.chatId, 'Do you deliver to Malta?');
    await until(() => anna.texts(vera.contact).includes('Do you deliver to Malta?'), 'the question at Anna');
    await until(() => heard(ben, place.room).some((line) => line.endsWith(': Do you deliver to Malta?')), 'and at Ben');
    await sayIn(ben, place.room, 'We do');
    await untilOnPage('operator: We do');
    await until(() => anna.texts(vera.contact).some((text) => text.endsWith('Ben: We do')), 'Ben’s words at Anna');
    await anna.say(vera.contact, 'Within a week');
    const lines = await untilOnPage('operator: Within a week');
    await until(() => heard(ben, place.room).includes('Foyer: Anna: Within a week'), 'Anna’s words in the room');
    expect(lines.filter((line) => !line.startsWith('system'))).to.deep.equal([
      ...['visitor: I have a question', 'operator: Go ahead', 'visitor: Do you deliver to Malta?'],
      ...['operator: We do', 'operator: Within a week'],
    ]);
    const names = await vera.page.messages(vera.chatId);
    expect(names.find(({ text }) => text === 'We do')?.name).to.equal('Ben');
    expect(heard(ben, place.room).filter((line) => line.includes('We do'))).to.deep.equal(['Ben: We do']);
  });

  it('takes what is said to the visitor in private onto the page, and the topic', async () => {
    await ben.send(xml('message', { to: place.room, type: 'groupchat' }, xml('subject', {}, 'Delivery')));
    await untilOnPage('system: Topic: Delivery');
    const nick = `Visitor ${vera.page.visitorId}`;
    await ben.send(
      xml('message', { to: `${place.room}/${nick}`, type: 'chat', id: 'aside' }, xml('body', {}, 'A word aside')),
    );
    await untilOnPage('operator: A word aside');
  });

  it('admits a colleague whom a client in it invites (XEP-0045, 7.8.2), and nobody who wasn’t', async () => {
    const cora = await foyer.operator('cora', 'Cora');
    const refused = await enter(cora, place.room, 'Cora', place.password);
    expect(refused.attrs['type'], 'with the password alone').to.equal('error');
    const invite = xml('invite', { to: `cora@${foyer.settings.ejabberd.host}` });
    await ben.send(
      xml('message', { to: place.room }, xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }, invite)),
    );
    expect((await invited(cora)).room).to.equal(place.room);
    await until(
      async () => (await enter(cora, place.room, 'Cora', place.password)).attrs['type'] !== 'error',
      'Cora let in',
    );
    await sayIn(cora, place.room, 'Hello from Cora');
    await untilOnPage('operator: Hello from Cora');
    await leave(cora, place.room, 'Cora');
    await untilOnPage('system: Cora has left.');
  });

  it('keeps commands that are typed in the room from the page', async () => {
    await sayIn(ben, place.room, '!info');
    await until(() => ben.texts(vera.contact).length > 0, 'an answer to the command');
    await sayIn(ben, place.room, 'after the command');
    expect(await untilOnPage('operator: after the command')).not.to.include('operator: !info');
  });

  it('says nothing twice when the bridge is killed and comes back, and loses nothing', async () => {
    await foyer.stopBridge();
    await sayIn(ben, place.room, 'said while the bridge was away');
    await foyer.startBridge();
    const lines = await untilOnPage('operator: said while the bridge was away');
    expect(lines.filter((line) => line.endsWith('while the bridge was away'))).to.have.length(1);
    await vera.page.say(vera.chatId, 'Are you there?');
    await until(
      () => heard(ben, place.room).some((line) => line.endsWith(': Are you there?')),
      'the visitor in the room',
    );
    expect(heard(ben, place.room).filter((line) => line.endsWith(': Are you there?'))).to.have.length(1);
  });

  it('goes on in the contact’s window when the colleague has left, and the room is over', async () => {
    await leave(ben, place.room, 'Ben');
    await untilOnPage('system: Ben has left.');
    await until(async () => (await stateOf(foyer, place.room)) === 'closed', 'the room closed');
    await vera.page.say(vera.chatId, 'Thanks both');
    await until(() => anna.texts(vera.contact).includes('Thanks both'), 'words at Anna');
    await anna.say(vera.contact, 'Bye');
    await untilOnPage('operator: Bye');
    expect((await vera.page.chat(vera.chatId)).state).to.equal('active');
  });
});
