import { expect } from 'chai';
import { composeJobs } from '../../../bridge/compose-jobs.js';
import { setPool } from '../../../bridge/domain/rooms/make-room.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { enter, heard, invited, stateOf, withCommands } from './in-rooms.js';

/** Table and conference service after one of them was away. */
describe('rooms after a restart', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let host: string;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start();
    host = foyer.settings.ejabberd.host;
    await foyer.bridge.core.transactions.alone((tx) =>
      setPool(tx, {
        ...{ departmentId: 1, instanceId: 1, size: 4, maxRooms: 50, maxPerOperator: 3, maxOccupants: 10 },
        allocationSeconds: 300,
      }),
    );
    await ready(4);
  });

  after(() => foyer.stop());

  async function ready(count: number): Promise<void> {
    await until(async () => (await inState('available')).length >= count, `${count} rooms that stand ready`, 30);
  }

  async function inState(state: string): Promise<string[]> {
    const found = await foyer.select("SELECT CONCAT(name, '@', service) AS jid FROM rooms WHERE state = ?", [state]);
    return found.map((row) => row['jid'] as string);
  }

  async function sync(): Promise<Record<string, unknown>> {
    const job = composeJobs(foyer.bridge.core).find(({ name }) => name === 'sync-rooms');
    return (await job?.run()) as Record<string, unknown>;
  }

  async function onServer(): Promise<string[]> {
    return (await withCommands(foyer, (commands) => commands.rooms(host))).map(({ jid }) => jid);
  }

  it('gives up rooms that have vanished, and the pool is filled again', async () => {
    const [gone = '', ...others] = await inState('available');
    // Past the bridge, and without it hearing of it.
    foyer.gate.behave = { answer: 503 };
    await withCommands(foyer, (commands) =>
      commands.destroyRooms(host, gone.split('@')[1] ?? '', [gone.split('@')[0] ?? '']),
    );
    await until(async () => !(await onServer()).includes(gone), 'the room gone');
    foyer.gate.behave = {};
    await foyer.ejabberd.ctl('foyer_spool_resend', host);
    await until(async () => (await stateOf(foyer, gone)) === 'abandoned', 'the room given up', 40);
    await ready(4);
    expect(await inState('available')).to.include.members(others);
  });

  it('removes rooms of its own that nobody knows any more, and leaves those of another bridge alone', async () => {
    const service = `conference.${host}`;
    const [known = ''] = await inState('available');
    const forgotten = `${known.split('-').slice(0, 2).join('-')}-forgotten`;
    const rooms = [forgotten, 'foyer-0123456789-another', 'foyer-stranger'];
    const specs = rooms.map((room) => ({ room, password: 'x', title: 'Nobody’s', may: '' }));
    await withCommands(foyer, (commands) => commands.createRooms(host, service, 5, specs));
    await until(async () => {
      await sync();
      return !(await onServer()).includes(`${forgotten}@${service}`);
    }, 'the forgotten one removed');
    expect(await onServer()).to.include.members([...rooms.slice(1).map((room) => `${room}@${service}`), known]);
  });

  it('has a chat go on when ejabberd is killed, and knows who is there again', async () => {
    const login = await foyer.addOperator('anna', 'Anna');
    anna = await foyer.client(login);
    await anna.say(`foyer@${host}`, '!room');
    const place = await invited(anna);
    await enter(anna, place.room, 'Anna', place.password);
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    const { id } = await page.startChat('Before the crash');
    await until(() => heard(anna, place.room).includes('Vera: Before the crash'), 'words before');
    await foyer.ejabberd.kill();
    await foyer.ejabberd.restart();
    await until(async () => (await sync(), (await stateOf(foyer, place.room)) === 'lost'), 'the operator lost', 60);
    const again = await foyer.client(login, { silent: true });
    await again.presence();
    expect((await enter(again, place.room, 'Anna', place.password)).attrs['type']).to.equal(undefined);
    await until(async () => (await stateOf(foyer, place.room)) === 'chatting', 'both in the room again', 40);
    await page.say(id, 'After the crash');
    await until(() => heard(again, place.room).includes('Vera: After the crash'), 'words after', 40);
    expect(heard(again, place.room).filter((line) => line === 'Vera: After the crash')).to.have.length(1);
  });
});
