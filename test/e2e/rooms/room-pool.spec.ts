import { expect } from 'chai';
import { refillPool, setPool } from '../../../bridge/domain/rooms/make-room.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { enter, heard, invited, leave, sayIn, stateOf, withCommands, type Invitation } from './in-rooms.js';

const NS_CONFERENCE = 'jabber:x:conference';

/** A department whose chats take place in rooms, with real clients on the real conference service. */
describe('the pool of rooms', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let ben: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    await foyer.bridge.core.transactions.alone((tx) =>
      setPool(tx, {
        ...{ departmentId: 1, instanceId: 1, size: 3, maxRooms: 20, maxPerOperator: 3, maxOccupants: 10 },
        allocationSeconds: 300,
      }),
    );
    anna = await foyer.operator('anna', 'Anna');
    ben = await foyer.operator('ben', 'Ben');
    await available(3);
  });

  after(() => foyer.stop());

  async function available(count: number): Promise<void> {
    await until(async () => (await counted('available')) >= count, `${count} rooms that stand ready`);
  }

  async function counted(state: string): Promise<number> {
    const [row] = await foyer.select('SELECT COUNT(*) AS count FROM rooms WHERE state = ?', [state]);
    return Number(row?.['count']);
  }

  async function history(room: string): Promise<string[]> {
    const found = await foyer.select(
      "SELECT room_states.state FROM room_states JOIN rooms ON rooms.id = room_states.room_id WHERE CONCAT(rooms.name, '@', rooms.service) = ? ORDER BY number",
      [room],
    );
    return found.map((row) => row['state'] as string);
  }

  async function askForRoom(client: OperatorClient, nick: string, already: string[] = []): Promise<Invitation> {
    await client.say(`foyer@${foyer.settings.ejabberd.host}`, '!room');
    const invitation = await invited(client, already);
    expect((await enter(client, invitation.room, nick, invitation.password)).attrs['type']).to.equal(undefined);
    await until(async () => (await stateOf(foyer, invitation.room)) === 'staff_waiting', `${nick} waiting`);
    return invitation;
  }

  async function newPage(text: string): Promise<{ page: Page; chatId: number }> {
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    return { page, chatId: (await page.startChat(text)).id };
  }

  it('gives the next visitor to the operator who has waited longest, and the two talk in the room', async () => {
    const first = await askForRoom(anna, 'Anna');
    const second = await askForRoom(ben, 'Ben');
    expect(first.room).not.to.equal(second.room);
    const { page, chatId } = await newPage('Hello room');
    await until(async () => (await stateOf(foyer, first.room)) === 'chatting', 'the chat');
    await until(() => heard(anna, first.room).includes('Vera: Hello room'), 'the visitor’s words in the room');
    expect(await stateOf(foyer, second.room)).to.equal('staff_waiting');
    await sayIn(anna, first.room, 'How can I help?');
    const messages = await page.untilMessages(chatId, 'the answer', (list) =>
      list.some(({ text }) => text === 'How can I help?'),
    );
    expect(messages.map(({ sender, text }) => `${sender}: ${text}`)).to.deep.equal([
      'visitor: Hello room',
      'operator: How can I help?',
    ]);
    expect((await page.chat(chatId)).operator?.name).to.equal('Anna');
    for (let i = 0; i < 10; i += 1) await page.say(chatId, `line ${i}`);
    await until(() => heard(anna, first.room).includes('Vera: line 9'), 'ten lines');
    expect(heard(anna, first.room).filter((line) => line.startsWith('Vera: line'))).to.deep.equal(
      Array.from({ length: 10 }, (_, i) => `Vera: line ${i}`),
    );
    await until(
      async () => (await page.messages(chatId)).every((one) => one.sender !== 'visitor' || one.state === 'acked'),
      'acknowledgements',
    );
    expect(anna.texts(foyer.contact(page)), 'nothing is said a second time by the contact').to.deep.equal([]);
    await page.call('POST', `/chats/${chatId}/close`);
    await until(async () => (await stateOf(foyer, first.room)) === 'closing', 'the visitor gone');
    await leave(anna, first.room, 'Anna');
    await until(async () => (await stateOf(foyer, first.room)) === 'closed', 'the end');
    expect(await history(first.room)).to.deep.equal([
      ...['making', 'available', 'directed', 'staff_waiting', 'chatting', 'closing', 'closed'],
    ]);
    await until(
      async () =>
        !(await withCommands(foyer, (one) => one.rooms(foyer.settings.ejabberd.host))).some(
          ({ jid }) => jid === first.room,
        ),
      'the room removed from ejabberd',
    );
    await available(3);
    await leave(ben, second.room, 'Ben');
    await until(async () => (await stateOf(foyer, second.room)) === 'closed', 'Ben’s room closed');
  });

  it('tells a broken connection from leaving, and who comes back goes on', async () => {
    const { page, chatId } = await newPage('Is anybody there?');
    // Nobody waits in a room: somebody who is free is sent into one.
    const { client, nick, room, password } = await until(directed, 'somebody sent into a room');
    await enter(client, room, nick, password);
    await until(async () => (await stateOf(foyer, room)) === 'chatting', 'the chat');
    await foyer.ejabberd.ctl('kick_user', nick.toLowerCase(), foyer.settings.ejabberd.host);
    await until(async () => (await stateOf(foyer, room)) === 'lost', 'the operator lost');
    expect((await page.chat(chatId)).state).to.equal('active');
    const again = await foyer.client({ user: nick.toLowerCase(), password: await passwordOf(nick.toLowerCase()) });
    await enter(again, room, nick, password);
    await until(async () => (await stateOf(foyer, room)) === 'chatting', 'the operator back');
    await page.say(chatId, 'still here');
    await until(() => heard(again, room).includes('Vera: still here'), 'words after coming back');
    await leave(again, room, nick);
    await until(async () => (await page.chat(chatId)).state === 'closed', 'the chat closed by leaving');
    await until(async () => (await stateOf(foyer, room)) === 'closed', 'the room closed');
    expect(await history(room)).to.include('lost');
  });

  /** Who was sent into a room and isn't there yet. */
  async function directed(): Promise<(Invitation & { client: OperatorClient; nick: string }) | null> {
    for (const [client, nick] of [
      [anna, 'Anna'],
      [ben, 'Ben'],
    ] as const) {
      const x = client.received.map((one) => one.getChild('x', NS_CONFERENCE)).findLast((one) => one !== undefined);
      const room = x?.attrs['jid'] ?? '';
      if ((await stateOf(foyer, room)) === 'directed')
        return { client, nick, room, password: x?.attrs['password'] ?? '' };
    }
    return null;
  }

  async function passwordOf(user: string): Promise<string> {
    const [row] = await foyer.select('SELECT password_box FROM accounts WHERE local = ?', [user]);
    return foyer.bridge.core.box.open(row?.['password_box'] as Buffer);
  }

  it('makes no more rooms than there may be', async () => {
    const made = await foyer.bridge.core.transactions.alone((tx) => refillPool(tx, 1));
    expect(made).to.equal(0);
  });
});
