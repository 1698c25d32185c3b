import { expect } from 'chai';
import { setPool } from '../../bridge/domain/rooms/make-room.js';
import { AdminClient } from '../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import { RoomSpeaker, type Place } from './support/room-speaker.js';
import { Visitor } from './support/visitor.js';
import { World, type Part } from './support/world.js';

const ROOMS = 3;
/** Of each operator in each room, and of each visitor. */
const SAYINGS = 60;
const KILLS: readonly Part[] = ['bridge', 'ejabberd', 'bridge', 'ejabberd'];

/** Two operators and a visitor in each room, all of whom talk on while what carries their words is killed. */
describe('rooms when bridge and ejabberd are killed', function () {
  this.timeout(300_000);
  let world: World;
  let speakers: RoomSpeaker[];
  let talks: { place: Place; visitor: Visitor; chatId: number }[];

  before(async () => {
    world = await World.start();
    const logins = await world.addOperators(2);
    world.startBridge();
    await world.untilReady();
    await world.core.transactions.alone((tx) =>
      setPool(tx, {
        ...{ departmentId: 1, instanceId: 1, size: ROOMS, maxRooms: 20, maxPerOperator: ROOMS, maxOccupants: 10 },
        allocationSeconds: 600,
      }),
    );
    const { host, c2sPort: port } = world.ejabberd;
    speakers = logins.map(({ user, password }) => new RoomSpeaker({ host, port, user, password }, user));
    const [anna, ben] = speakers as [RoomSpeaker, RoomSpeaker];
    for (const speaker of speakers) speaker.start();
    await until(async () => (await world.operatorsOnline()) === 2, 'both operators online', 60);
    talks = [];
    for (let i = 0; i < ROOMS; i += 1) {
      await until(async () => (await count("rooms.state = 'available'")) > 0, 'a room that stands ready', 60);
      await anna.tell(`foyer@${host}`, '!room');
      const place = await until(() => anna.invited[i], 'an invitation');
      anna.enter(place);
      await until(async () => (await count("rooms.state = 'staff_waiting'")) === 1, 'the operator in it');
      const visitor = new Visitor(world.pagesUrl, `Visitor${i}`);
      await visitor.arrive();
      visitor.say('Hello');
      await until(async () => (await count("rooms.state = 'chatting'")) === i + 1, 'the chat in it');
      await admit(place.room);
      ben.enter(place);
      talks.push({ place, visitor, chatId: visitor.chatId ?? 0 });
    }
  });

  after(async () => {
    for (const { visitor } of talks) visitor.leave();
    for (const speaker of speakers) await speaker.stop();
    await world.close();
  });

  async function count(where: string): Promise<number> {
    const [row] = await rows(world.core.pool, `SELECT COUNT(*) AS n FROM rooms WHERE ${where}`);
    return Number(row?.['n']);
  }

  async function admit(room: string): Promise<void> {
    const { apiUrl: url, apiUser: user, apiPassword: password, host } = world.ejabberd;
    const admin = new AdminClient({ url, user, password });
    const [name = '', service = ''] = room.split('@');
    await new ModFoyerClient(admin).admitToRoom(host, service, name, [{ user: 'operator2', what: 'admit' }]);
    admin.close();
  }

  async function recorded(chatId: number, sender: string): Promise<string[]> {
    const found = await rows(
      world.core.pool,
      `SELECT messages.text FROM messages LEFT JOIN operators ON operators.id = messages.operator_id
        WHERE messages.chat_id = ? AND COALESCE(operators.name, messages.sender) = ? ORDER BY messages.number`,
      [chatId, sender],
    );
    return found.map((row) => row['text'] as string);
  }

  const sayings = (who: string) => Array.from({ length: SAYINGS }, (_, i) => `${who} ${i}`);
  const heard = () => speakers.flatMap(({ said }) => [...said.values()]).reduce((sum, one) => sum + one.length, 0);

  it('have every word in the record and on the page, once, in the order of the room', async () => {
    for (const { place } of talks)
      for (const [i, speaker] of speakers.entries())
        for (const text of sayings(`operator${i + 1}`)) speaker.say(place.room, text);
    const all = heard.bind(null);
    const total = ROOMS * speakers.length * SAYINGS;
    for (const [i, part] of KILLS.entries()) {
      const share = (i + 0.5) / KILLS.length;
      // The visitors’ part of what is said until the next kill.
      for (const { visitor } of talks)
        for (const text of sayings('visitor').slice((i * SAYINGS) / KILLS.length, ((i + 1) * SAYINGS) / KILLS.length))
          visitor.say(text);
      await until(() => all() >= total * share, `words before ${part} is killed`, 90, 5);
      await world.kill(part);
    }
    const done = () =>
      speakers.every(({ unsaid }) => unsaid === 0) && talks.every(({ visitor }) => visitor.unsent === 0);
    await until(done, 'all said', 120);
    await world.ejabberd.ctl('foyer_spool_resend', world.ejabberd.host);
    for (const { chatId, place, visitor } of talks) {
      const complete = async () => (await recorded(chatId, 'operator2')).includes(`operator2 ${SAYINGS - 1}`);
      await until(complete, 'the last word recorded', 60);
      for (const [i, speaker] of speakers.entries()) {
        const name = `operator${i + 1}`;
        await until(async () => (await recorded(chatId, name)).length >= SAYINGS, `all of ${name}`, 60);
        expect(await recorded(chatId, name)).to.deep.equal(sayings(name));
        expect(speaker.said.get(place.room), 'heard in the room').to.deep.equal(sayings(name));
      }
      expect(await recorded(chatId, 'visitor')).to.deep.equal(['Hello', ...sayings('visitor')]);
      const record = await rows(world.core.pool, 'SELECT text FROM messages WHERE chat_id = ? ORDER BY number', [
        chatId,
      ]);
      const texts = record.map((row) => row['text'] as string);
      await until(() => visitor.messages().length >= texts.length, 'all of it on the page', 60);
      expect(visitor.messages().map(({ text }) => text)).to.deep.equal(texts);
    }
  });
});
