import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { enter, heard, leave, sayIn, withCommands } from './in-rooms.js';

type Event = Record<string, unknown> & { id: string; kind: string };

/** What mod_foyer tells of the rooms on a real conference service. */
describe('events of rooms', function () {
  this.timeout(90_000);
  const name = 'foyer-events';
  const password = 'open-sesame';
  let foyer: TestFoyer;
  let host: string;
  let service: string;
  let room: string;
  let anna: OperatorClient;
  let ben: OperatorClient;

  before(async () => {
    // Without jobs: the room is none of the bridge's, and would be removed.
    foyer = await TestFoyer.start({ environment: { FOYER_PROCESS_ROLES: 'http,deliver' } });
    host = foyer.settings.ejabberd.host;
    service = `conference.${host}`;
    room = `${name}@${service}`;
    anna = await foyer.operator('anna', 'Anna');
    ben = await foyer.operator('ben', 'Ben');
    await withCommands(foyer, async (commands) => {
      const made = await commands.createRooms(host, service, 10, [
        { room: name, password, title: 'Events', may: 'invite topic' },
      ]);
      expect(made.map(({ status, reason }) => `${status}${reason}`)).to.deep.equal(['created']);
    });
  });

  after(() => foyer.stop());

  function events(): Event[] {
    return foyer.gate.bodies
      .flatMap((body) => (JSON.parse(body) as { events: Event[] }).events)
      .filter(({ kind, room: where }) => kind.startsWith('room_') && where === room);
  }

  /** Waits for an event with these fields that isn't one of the first `after`. */
  async function event(fields: Record<string, unknown>, after = 0): Promise<Event> {
    return until(
      () =>
        events()
          .slice(after)
          .find((one) => Object.entries(fields).every(([key, value]) => one[key] === value)),
      JSON.stringify(fields),
    );
  }

  it('lets in who was admitted and knows the password, and nobody else', async () => {
    expect((await enter(anna, room, 'Anna', password)).attrs['type']).to.equal('error');
    await withCommands(foyer, (commands) =>
      commands.admitToRoom(host, service, name, [
        { user: 'anna', what: 'admit' },
        { user: 'ben', what: 'admit' },
      ]),
    );
    expect((await enter(anna, room, 'Anna', 'wrong')).attrs['type']).to.equal('error');
    expect((await enter(anna, room, 'Anna', password)).attrs['type']).to.equal(undefined);
    const joined = await event({ kind: 'room_presence', nick: 'Anna', present: true });
    expect(joined).to.include({ jid: anna.jid, role: 'participant', affiliation: 'member', cause: '' });
  });

  it('tells what was said to all, once, and to whom it came', async () => {
    await enter(ben, room, 'Ben', password);
    const id = await sayIn(anna, room, 'Hello there');
    const said = await event({ kind: 'room_message', body: 'Hello there' });
    expect(said).to.include({ jid: anna.jid, nick: 'Anna', private: false, stanza_id: id });
    await until(() => heard(ben, room).includes('Anna: Hello there'), 'the message at Ben');
    expect(events().filter(({ body }) => body === 'Hello there')).to.have.length(1);
  });

  it('tells a new subject and a new nick', async () => {
    await anna.send(xml('message', { to: room, type: 'groupchat' }, xml('subject', {}, 'Refunds')));
    expect(await event({ kind: 'room_subject', subject: 'Refunds' })).to.include({ nick: 'Anna' });
    await ben.send(xml('presence', { to: `${room}/Benjamin` }));
    expect(await event({ kind: 'room_presence', nick: 'Benjamin', present: true })).to.include({ jid: ben.jid });
  });

  it('keeps what members say to each other in private to themselves', async () => {
    await anna.send(xml('message', { to: `${room}/Benjamin`, type: 'chat', id: 'pm' }, xml('body', {}, 'between us')));
    await ben.expect('a private message', (one) => one.getChildText('body') === 'between us');
    await sayIn(anna, room, 'after the private one');
    await event({ kind: 'room_message', body: 'after the private one' });
    expect(JSON.stringify(events())).not.to.contain('between us');
  });

  it('tells leaving from being lost, and being put out from both', async () => {
    let before = events().length;
    await leave(ben, room, 'Benjamin');
    expect(await event({ kind: 'room_presence', jid: ben.jid, present: false }, before)).to.include({ cause: 'left' });
    await enter(ben, room, 'Ben', password);
    before = events().length;
    await foyer.ejabberd.ctl('kick_user', 'ben', host);
    expect(await event({ kind: 'room_presence', jid: ben.jid, present: false }, before)).to.include({ cause: 'lost' });
    before = events().length;
    await withCommands(foyer, (commands) =>
      commands.admitToRoom(host, service, name, [{ user: 'anna', what: 'dismiss' }]),
    );
    const out = await event({ kind: 'room_presence', jid: anna.jid, present: false }, before);
    expect(out).to.include({ cause: 'removed' });
  });

  it('lists who is in which room, without being told of changes', async () => {
    await withCommands(foyer, async (commands) => {
      await commands.admitToRoom(host, service, name, [{ user: 'anna', what: 'admit' }]);
      await enter(anna, room, 'Anna', password);
      const [listed] = await commands.rooms(host);
      expect(listed?.jid).to.equal(room);
      expect(listed?.occupants).to.deep.equal([{ jid: anna.jid, nick: 'Anna', role: 'participant' }]);
      expect(Date.parse(listed?.at ?? ''))
        .to.be.a('number')
        .that.is.above(0);
    });
  });

  it('is still there with its password after ejabberd was killed', async () => {
    await foyer.ejabberd.kill();
    await foyer.ejabberd.restart();
    const again = await foyer.client(await foyer.addOperator('cora', 'Cora'), { silent: true });
    await withCommands(foyer, (commands) =>
      commands.admitToRoom(host, service, name, [{ user: 'cora', what: 'admit' }]),
    );
    expect((await enter(again, room, 'Cora', 'wrong')).attrs['type']).to.equal('error');
    expect((await enter(again, room, 'Cora', password)).attrs['type']).to.equal(undefined);
  });

  it('is over for good when it is removed: nobody makes it anew by coming back', async () => {
    const dora = await foyer.operator('dora', 'Dora');
    await withCommands(foyer, (commands) => commands.destroyRooms(host, service, [name]));
    await event({ kind: 'room_destroyed' });
    await until(async () => (await withCommands(foyer, (commands) => commands.rooms(host))).length === 0, 'no room');
    expect((await enter(dora, room, 'Dora', password)).attrs['type']).to.equal('error');
    expect(await withCommands(foyer, (commands) => commands.rooms(host))).to.deep.equal([]);
  });
});
