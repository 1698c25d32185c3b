import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import {
  change,
  enter,
  grant,
  heard,
  invitations,
  invited,
  leave,
  putOut,
  sayIn,
  stateOf,
  waitInRoom,
  withPool,
} from './in-rooms.js';

/** Anna manages the department, Ben answers in it, Vera visits. */
describe('who may put whom out of a room', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let desk: Helpdesk;
  let host: string;
  let anna: OperatorClient;
  let ben: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    host = foyer.settings.ejabberd.host;
    desk = await helpdesk(foyer);
    anna = await foyer.operator('anna', 'Anna');
    ben = await foyer.operator('ben', 'Ben');
    await grant(foyer, 'anna', 'manage');
    await withPool(foyer);
  });

  after(() => foyer.stop());

  /** Vera, by this name, talks to whoever waits in the room. */
  async function visitor(nick: string, client: OperatorClient, room: string): Promise<{ page: Page; chatId: number }> {
    const page = foyer.page();
    await page.visit({ nick });
    const { id: chatId } = await page.startChat(`Hello from ${nick}`);
    await until(() => heard(client, room).includes(`${nick}: Hello from ${nick}`), `${nick} in the room`);
    return { page, chatId };
  }

  async function systemLines(page: Page, chatId: number): Promise<string[]> {
    return (await page.messages(chatId)).filter(({ sender }) => sender === 'system').map(({ text }) => text);
  }

  /** The last one leaves a room. */
  async function empty(client: OperatorClient, room: string, nick: string): Promise<void> {
    await leave(client, room, nick);
    await until(async () => (await stateOf(foyer, room)) === 'closed', 'the room closed');
  }

  const service = () => `foyer@${host}`;

  it('lets nobody do it who only answers: not by the client, nor by words', async () => {
    const place = await waitInRoom(foyer, ben, 'Ben');
    const { page, chatId } = await visitor('Vera', ben, place.room);
    const refused = await change(ben, place.room, { nick: 'Vera', role: 'none' }, 'go');
    expect(refused.attrs['type']).to.equal('error');
    await sayIn(ben, place.room, '!kick Vera go');
    await until(() => ben.texts(foyer.contact(page)).some((text) => text.includes('may not do this')), 'a refusal');
    expect((await page.chat(chatId)).state).to.equal('active');
    await sayIn(ben, place.room, 'still with you');
    await page.untilMessages(chatId, 'the talk going on', (list) => list.some(({ text }) => text === 'still with you'));
    await desk('POST', `/chats/${chatId}/close`, {});
    await sayIn(ben, place.room, 'bye');
    await empty(ben, place.room, 'Ben');
  });

  it('ends a visitor’s chat by a manager’s client with one clear text, and lets it begin another', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await visitor('Vera', anna, place.room);
    const done = await change(anna, place.room, { nick: 'Vera', role: 'none' }, 'Rude words');
    expect(done.attrs['type']).to.equal('result');
    await until(async () => (await page.chat(chatId)).state === 'closed', 'the chat over');
    expect(await systemLines(page, chatId)).to.deep.equal(['You were removed from this chat.']);
    const [note] = await foyer.select('SELECT author, text FROM chat_notes WHERE chat_id = ?', [chatId]);
    expect(note).to.include({ author: 'Anna', text: 'Vera was put out of the room. Rude words' });
    const [audit] = await foyer.select(
      "SELECT actor, details FROM audit WHERE action = 'room.kick' ORDER BY id DESC LIMIT 1",
    );
    expect(audit?.['actor']).to.match(/^operator:/);
    await until(async () => (await stateOf(foyer, place.room)) === 'closing', 'Anna alone');
    await empty(anna, place.room, 'Anna');
    const next = await waitInRoom(foyer, anna, 'Anna');
    const again = await page.startChat('Sorry');
    await until(() => heard(anna, next.room).includes('Vera: Sorry'), 'Vera back');
    await page.call('POST', `/chats/${again.id}/close`);
    await empty(anna, next.room, 'Anna');
  });

  it('puts out whose membership a manager’s client takes away', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await visitor('Mia', anna, place.room);
    const before = invitations(ben);
    await sayIn(anna, place.room, '!invite ben');
    const { room, password } = await invited(ben, before);
    expect((await enter(ben, room, 'Ben', password)).attrs['type']).to.equal(undefined);
    await change(anna, room, { jid: `ben@${host}`, affiliation: 'none' });
    expect((await putOut(ben, room)).codes).to.include('110');
    expect((await enter(ben, room, 'Ben', password)).attrs['type']).to.equal('error');
    expect((await page.chat(chatId)).state).to.equal('active');
    await desk('POST', `/chats/${chatId}/close`, {});
    await empty(anna, room, 'Anna');
  });

  it('brings a visitor whose only colleague was put out to somebody else', async () => {
    const place = await waitInRoom(foyer, ben, 'Ben');
    const { page, chatId } = await visitor('Wanda', ben, place.room);
    const next = await waitInRoom(foyer, anna, 'Anna');
    const [room] = await foyer.select('SELECT id FROM rooms WHERE chat_id = ?', [chatId]);
    const kicked = await desk('POST', `/rooms/${room?.['id'] as number}/kick`, {
      nick: 'Ben',
      reason: 'Shift is over',
    });
    expect(kicked.status).to.equal(204);
    const told = await putOut(ben, place.room);
    expect(told.codes).to.include('307');
    expect(told.reason).to.equal('Shift is over');
    const before = 'Foyer: Said before:\nWanda: Hello from Wanda';
    await until(() => heard(anna, next.room).some((line) => line.startsWith(before)), 'Wanda with Anna', 30);
    expect((await page.chat(chatId)).operator?.name).to.equal('Anna');
    await until(async () => (await stateOf(foyer, place.room)) === 'closed', 'the empty room closed');
    await sayIn(anna, next.room, 'I am here now');
    await page.untilMessages(chatId, 'Anna’s words', (list) => list.some(({ text }) => text === 'I am here now'));
    expect(await systemLines(page, chatId)).to.include('Ben has left.');
    await desk('POST', `/chats/${chatId}/close`, {});
    await empty(anna, next.room, 'Anna');
  });

  it('keeps a colleague out by words until the ban is lifted, and lists it', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await visitor('Xenia', anna, place.room);
    const before = invitations(ben);
    await sayIn(anna, place.room, '!invite ben');
    expect((await invited(ben, before)).room).to.equal(place.room);
    await enter(ben, place.room, 'Benny', place.password);
    await sayIn(anna, place.room, '!ban Benny 2h Talks too much');
    expect((await putOut(ben, place.room)).codes).to.include('301');
    expect((await enter(ben, place.room, 'Ben', place.password)).attrs['type']).to.equal('error');
    const notices = () => anna.texts(foyer.contact(page)).join('\n');
    await sayIn(anna, place.room, '!invite ben');
    await until(() => notices().includes('Ben is banned from the room.'), 'a refusal');
    await sayIn(anna, place.room, '!bans');
    await until(() => /Ben, until .* UTC: Talks too much/.test(notices()), 'the list');
    await anna.say(service(), `!unban ${(await page.chat(chatId)).number} ben`);
    await until(() => anna.texts(service()).join().includes('Ben may come back.'), 'the ban lifted');
    const already = ben.received.length;
    await sayIn(anna, place.room, '!invite ben');
    await until(
      () => ben.received.slice(already).some((one) => one.getChild('x', 'jabber:x:conference')),
      'invited again',
    );
    expect((await enter(ben, place.room, 'Ben', place.password)).attrs['type']).to.equal(undefined);
    await until(async () => (await systemLines(page, chatId)).length === 3, 'Ben’s coming and going on the page');
    expect(await systemLines(page, chatId)).to.deep.equal(['Ben has joined.', 'Ben has left.', 'Ben has joined.']);
  });

  it('keeps a visitor out for the term of a ban by words', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await visitor('Vito', anna, place.room);
    await sayIn(anna, place.room, '!ban Vito 2h Spam, spam');
    await until(async () => (await page.chat(chatId)).state === 'closed', 'the chat over');
    expect(await systemLines(page, chatId), 'the page tells of the ban by itself').to.deep.equal([]);
    const answer = await page.call<{ code: string }>('POST', '/chats', { desk: 'main', text: 'Let me in' });
    expect([answer.status, answer.body.code]).to.deep.equal([409, 'banned']);
    const [ban] = await foyer.select(
      'SELECT reason, TIMESTAMPDIFF(MINUTE, created_at, expires_at) AS minutes FROM bans ORDER BY id DESC LIMIT 1',
    );
    expect(ban).to.include({ reason: 'Spam, spam', minutes: 120 });
  });
});
