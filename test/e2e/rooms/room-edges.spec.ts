import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { change, enter, heard, invitations, invited, leave, sayIn, stateOf, waitInRoom, withPool } from './in-rooms.js';

/** What people do that nobody thought of, in the rooms of a pool of two. */
describe('rooms, at their edges', function () {
  this.timeout(150_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let ben: OperatorClient;
  let annas: { user: string; password: string };

  before(async () => {
    foyer = await TestFoyer.start();
    await foyer.select('UPDATE departments SET grace_seconds = 2');
    annas = await foyer.addOperator('anna', 'Anna');
    anna = await foyer.client(annas);
    ben = await foyer.operator('ben', 'Ben');
    await withPool(foyer, { size: 2, maxRooms: 2, maxOccupants: 4 });
  });

  after(() => foyer.stop());

  async function begin(nick: string, text: string): Promise<{ page: Page; chatId: number }> {
    const page = foyer.page();
    await page.visit({ nick });
    return { page, chatId: (await page.startChat(text)).id };
  }

  async function over(page: Page, chatId: number, client: OperatorClient, room: string, nick: string): Promise<void> {
    await page.call('POST', `/chats/${chatId}/close`);
    await leave(client, room, nick);
    await until(async () => (await stateOf(foyer, room)) === 'closed', 'the room closed');
    await until(async () => {
      const [row] = await foyer.select("SELECT COUNT(*) AS count FROM rooms WHERE state = 'available'");
      return Number(row?.['count']) === 2;
    }, 'two rooms that stand ready');
  }

  it('nicks may be anything, the visitor’s too, and the record knows who spoke', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await begin('🦊 Anna', 'I am Anna as well');
    await until(
      () => heard(anna, place.room).includes('Anna 2: I am Anna as well'),
      'the visitor under a nick that is left',
    );
    const taken = anna.received.length;
    await anna.send(xml('presence', { to: `${place.room}/Anna 2` }));
    const refused = await until(
      () => anna.received.slice(taken).find((one) => one.is('presence') && one.attrs['type'] === 'error'),
      'a refusal of the visitor’s nick',
    );
    expect(refused.getChild('error')?.getChild('conflict')).not.to.equal(undefined);
    await anna.send(xml('presence', { to: `${place.room}/Füchsin <b>&` }));
    await sayIn(anna, place.room, 'Hello from a fox');
    const messages = await page.untilMessages(chatId, 'the words', (list) =>
      list.some(({ text }) => text === 'Hello from a fox'),
    );
    expect(messages.find(({ text }) => text === 'Hello from a fox')?.name).to.equal('Anna');
    await over(page, chatId, anna, place.room, 'Füchsin <b>&');
  });

  it('one operator may be in a room with two clients, and has left with the last of them', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const second = await foyer.client(annas, { resource: 'phone' });
    expect((await enter(second, place.room, 'Anna', place.password)).attrs['type']).to.equal(undefined);
    expect(await stateOf(foyer, place.room), 'one person').to.equal('staff_waiting');
    const { page, chatId } = await begin('Vera', 'Two of you?');
    await until(() => heard(second, place.room).includes('Vera: Two of you?'), 'words at the phone');
    await leave(anna, place.room, 'Anna');
    await sayIn(second, place.room, 'From the phone');
    await page.untilMessages(chatId, 'the words', (list) => list.some(({ text }) => text === 'From the phone'));
    expect((await page.chat(chatId)).state).to.equal('active');
    await leave(second, place.room, 'Anna');
    await until(async () => (await page.chat(chatId)).state === 'closed', 'the chat over');
    await until(async () => (await stateOf(foyer, place.room)) === 'closed', 'the room closed');
    await second.stop();
  });

  it('empty words say nothing, long ones arrive whole, and what is sent twice is said once', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await begin('Vera', 'Tell me all');
    await until(() => heard(anna, place.room).includes('Vera: Tell me all'), 'the visitor');
    await sayIn(anna, place.room, '');
    await sayIn(anna, place.room, '  ');
    const long = 'ä'.repeat(15_000);
    await sayIn(anna, place.room, long);
    const twice = crypto.randomUUID();
    await sayIn(anna, place.room, 'Twice', twice);
    await sayIn(anna, place.room, 'Twice', twice);
    await sayIn(anna, place.room, 'The end');
    const messages = await page.untilMessages(chatId, 'the end', (list) => list.some(({ text }) => text === 'The end'));
    expect(messages.map(({ text }) => text)).to.deep.equal(['Tell me all', long, 'Twice', 'The end']);
    const again = crypto.randomUUID();
    await page.say(chatId, 'Mine twice', again);
    await page.say(chatId, 'Mine twice', again);
    await page.say(chatId, 'Mine, the end');
    await until(() => heard(anna, place.room).includes('Vera: Mine, the end'), 'the end of the visitor’s words');
    expect(heard(anna, place.room).filter((line) => line === 'Vera: Mine twice')).to.have.length(1);
    await over(page, chatId, anna, place.room, 'Anna');
  });

  it('a visitor waits while all rooms are in use, and somebody else is sent for who doesn’t come', async () => {
    const first = await waitInRoom(foyer, anna, 'Anna');
    const one = await begin('Vera', 'I am first');
    await until(() => heard(anna, first.room).includes('Vera: I am first'), 'the first');
    const before = { anna: invitations(anna), ben: invitations(ben) };
    const two = await begin('Wanda', 'I am second');
    const sent = await until(() => directed(before), 'somebody sent for');
    const other = sent.client === anna ? ben : anna;
    await sent.client.say(`foyer@${foyer.settings.ejabberd.host}`, '!decline');
    await until(async () => (await stateOf(foyer, sent.room)) === 'abandoned', 'the declined room given up');
    const next = await invited(other, other === anna ? before.anna : before.ben);
    const three = await begin('Xenia', 'I am third');
    await enter(other, next.room, 'Next', next.password);
    await until(() => heard(other, next.room).includes('Wanda: I am second'), 'the second');
    expect((await three.page.chat(three.chatId)).state, 'both rooms are in use').to.equal('waiting');
    await three.page.call('POST', `/chats/${three.chatId}/close`);
    await two.page.call('POST', `/chats/${two.chatId}/close`);
    await leave(other, next.room, 'Next');
    await over(one.page, one.chatId, anna, first.room, 'Anna');
  });

  function directed(before: { anna: string[]; ben: string[] }): { client: OperatorClient; room: string } | undefined {
    const news = (client: OperatorClient, known: string[]) =>
      invitations(client)
        .filter((room) => !known.includes(room))
        .map((room) => ({ client, room }));
    return [...news(anna, before.anna), ...news(ben, before.ben)][0];
  }

  it('a colleague in the room has the chat when its owner leaves, and the last place is the visitor’s', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await begin('Vera', 'Is there a second opinion?');
    await until(() => heard(anna, place.room).includes('Vera: Is there a second opinion?'), 'the visitor');
    const before = invitations(ben);
    await sayIn(anna, place.room, '!invite ben');
    const invitation = await invited(ben, before);
    expect(invitation.room).to.equal(place.room);
    await enter(ben, place.room, 'Ben', place.password);
    const phone = await foyer.client(annas, { resource: 'phone' });
    await enter(phone, place.room, 'Anna', place.password);
    await until(
      async () => (await foyer.select('SELECT 1 FROM room_occupants WHERE present = 1')).length >= 4,
      'four in it',
    );
    await sayIn(anna, place.room, '!invite ben');
    await until(() => anna.texts(foyer.contact(page)).some((text) => text.includes('The room is full.')), 'a refusal');
    await leave(phone, place.room, 'Anna');
    await leave(anna, place.room, 'Anna');
    await until(async () => (await page.chat(chatId)).operator?.name === 'Ben', 'Ben’s chat');
    await phone.stop();
    expect((await change(ben, place.room, { nick: 'Vera', role: 'none' })).attrs['type']).to.equal('error');
    await over(page, chatId, ben, place.room, 'Ben');
  });

  it('a visitor whose operator is lost, and doesn’t come back into the room, waits for somebody else', async () => {
    const place = await waitInRoom(foyer, anna, 'Anna');
    const { page, chatId } = await begin('Vera', 'Stay with me');
    await until(() => heard(anna, place.room).includes('Vera: Stay with me'), 'the visitor');
    await foyer.ejabberd.ctl('kick_user', 'anna', foyer.settings.ejabberd.host);
    await until(async () => (await stateOf(foyer, place.room)) === 'lost', 'Anna lost');
    const before = invitations(ben);
    anna = await foyer.client(annas);
    const next = await invited(ben, before).catch(() => invited(anna));
    const client = next.room === invitations(ben).at(-1) ? ben : anna;
    await enter(client, next.room, 'Somebody', next.password);
    await until(() => heard(client, next.room).some((line) => line.includes('Vera: Stay with me')), 'what was said');
    await sayIn(client, next.room, 'I am back');
    await page.untilMessages(chatId, 'the words', (list) => list.some(({ text }) => text === 'I am back'));
  });
});
