import { xml } from '@xmpp/client';
import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { enter, heard, invited, leave, sayIn, stateOf, withCommands, type Invitation } from './in-rooms.js';

const DISCO = 'http://jabber.org/protocol/disco#info';

interface GroupMessage {
  author_name: string;
  text: string;
}

/** Group chats of a helpdesk's operators, and their XMPP clients. */
describe('a group chat of operators', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let desk: Helpdesk;
  let receiver: Receiver;
  let anna: OperatorClient;
  let ben: OperatorClient;
  let ids: Record<string, number>;
  let roomId: number;
  let place: Invitation;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    receiver = await startReceiver();
    desk = await helpdesk(foyer);
    await desk('PUT', '/instance/callback', { url: receiver.url });
    anna = await foyer.operator('anna', 'Anna');
    ben = await foyer.operator('ben', 'Ben');
    const found = await foyer.select('SELECT operators.id, operators.name FROM operators');
    ids = Object.fromEntries(found.map((row) => [row['name'] as string, row['id'] as number]));
  });

  after(async () => {
    await foyer.stop();
    await receiver.stop();
  });

  const callbacks = (type: string) =>
    receiver.received.filter(({ body }) => body.type === type).map(({ body }) => body.data);
  const said = () => callbacks('room.message').map((data) => data['message'] as GroupMessage);

  it('is a room to which its members are invited, and one only', async () => {
    const group = { external_id: 'lhc-7', title: 'Night shift', members: [ids['Anna'], ids['Ben']] };
    const { body } = await desk<{ room: { id: number } }>('POST', '/rooms', group);
    roomId = body.room.id;
    const again = await desk<{ room: { id: number } }>('POST', '/rooms', group);
    expect(again.body.room.id).to.equal(roomId);
    place = await invited(anna);
    expect((await invited(ben)).room).to.equal(place.room);
    await until(
      async () => (await enter(anna, place.room, 'Anna', place.password)).attrs['type'] !== 'error',
      'Anna in',
    );
    await until(() => callbacks('room.joined').some((data) => data['name'] === 'Anna'), 'the helpdesk told of Anna');
  });

  it('carries words both ways, once each, and doesn’t tell a helpdesk its own', async () => {
    await sayIn(anna, place.room, 'Good evening');
    await until(() => said().length === 1, 'Anna’s words at the helpdesk');
    expect(said()[0]).to.include({ author_name: 'Anna', text: 'Good evening' });
    const own = { text: 'Evening all', message_id: 'lhc-msg-1', operator_id: ids['Ben'] };
    await desk('POST', `/rooms/${roomId}/messages`, own);
    await desk('POST', `/rooms/${roomId}/messages`, own);
    await until(() => heard(anna, place.room).includes('Foyer: Ben: Evening all'), 'the helpdesk’s words in the room');
    await sayIn(anna, place.room, 'Bye then');
    await until(() => said().some(({ text }) => text === 'Bye then'), 'later words at the helpdesk');
    expect(said().map(({ text }) => text)).to.deep.equal(['Good evening', 'Bye then']);
    expect(heard(anna, place.room).filter((line) => line.includes('Evening all'))).to.have.length(1);
  });

  it('stays when everybody has left, and puts out who is no longer a member', async () => {
    await leave(anna, place.room, 'Anna');
    await until(() => callbacks('room.left').length === 1, 'the helpdesk told that Anna left');
    expect(await stateOf(foyer, place.room)).to.equal('chatting');
    expect((await enter(anna, place.room, 'Anna', place.password)).attrs['type']).to.equal(undefined);
    await desk('PUT', `/rooms/${roomId}/members`, { members: [ids['Ben']] });
    const refused = await until(async () => {
      const answer = await enter(anna, place.room, 'Anna', place.password);
      return answer.attrs['type'] === 'error' ? answer : null;
    }, 'a refusal');
    expect(refused.attrs['type']).to.equal('error');
    expect((await enter(ben, place.room, 'Ben', place.password)).attrs['type']).to.equal(undefined);
  });

  it('has another title when the helpdesk says so', async () => {
    await desk('PATCH', `/rooms/${roomId}`, { title: 'Day shift' });
    await until(async () => {
      await ben.send(xml('iq', { type: 'get', to: place.room, id: 'info' }, xml('query', { xmlns: DISCO })));
      return ben.received.some(
        (one) => one.getChild('query', DISCO)?.getChild('identity')?.attrs['name'] === 'Day shift',
      );
    }, 'the title, as clients ask for it');
  });

  it('tells an operator whose words its helpdesk doesn’t take', async () => {
    receiver.answer = (response) =>
      void response.writeHead(410).end(JSON.stringify({ code: 'unknown_group', detail: 'It is gone.' }));
    await sayIn(ben, place.room, 'Anybody here?');
    const told = () =>
      ben.texts().filter((text) => /did not take your message.* It is gone\.\n> Anybody here\?$/.test(text));
    await until(() => told().length === 1, 'that it was not taken');
    receiver.answer = 200;
    await sayIn(ben, place.room, 'Here now?');
    await until(() => said().at(-1)?.text === 'Here now?', 'later words at the helpdesk');
    expect(told()).to.have.length(1);
  });

  it('is listed with who is in it, and goes with its group', async () => {
    const { body } = await desk<{ rooms: { id: number; members: number[]; occupants: { nick: string }[] }[] }>(
      'GET',
      '/rooms?purpose=group',
    );
    const [listed] = body.rooms;
    expect(listed?.members).to.deep.equal([ids['Ben']]);
    await until(async () => {
      const { body: one } = await desk<{ room: { occupants: { nick: string }[] } }>('GET', `/rooms/${roomId}`);
      return one.room.occupants.map(({ nick }) => nick).join() === 'Ben,Foyer';
    }, 'Ben and the service account in the room');
    await desk('DELETE', `/rooms/${roomId}`);
    await until(
      async () => (await withCommands(foyer, (commands) => commands.rooms(foyer.settings.ejabberd.host))).length === 0,
      'the room removed from ejabberd',
    );
    expect(await stateOf(foyer, place.room)).to.equal('closed');
  });
});
