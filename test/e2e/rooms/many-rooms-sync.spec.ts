import { expect } from 'chai';
import { composeJobs } from '../../../bridge/compose-jobs.js';
import { createGroup } from '../../../bridge/domain/rooms/group.js';
import { setPool } from '../../../bridge/domain/rooms/make-room.js';
import type { Row } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { enter, stateOf, withCommands } from './in-rooms.js';

/** Rooms that stand ready. */
const READY = 80;
/** Written over in the record, so that it knows nothing of those on ejabberd, and ejabberd nothing of its own. */
const VANISHED = 20;
/** The record has somebody in them who isn't there. */
const GHOSTS = 10;
/** Somebody is in them of whom the record doesn't know; in the first few a chat takes place. */
const UNSEEN = 10;
const CHATS = 3;

interface Named extends Row {
  id: number;
  jid: string;
}

/** Everything that can differ between table and conference service, in many rooms at once. */
describe('many rooms that differ', function () {
  this.timeout(180_000);
  let foyer: TestFoyer;
  let host: string;
  let anna: OperatorClient;
  let all: Named[];
  let group: number;

  before(async () => {
    foyer = await TestFoyer.start();
    host = foyer.settings.ejabberd.host;
    anna = await foyer.operator('anna', 'Anna');
    const { transactions } = foyer.bridge.core;
    await transactions.alone((tx) =>
      setPool(tx, {
        ...{ departmentId: 1, instanceId: 1, size: READY, maxRooms: 150, maxPerOperator: 3, maxOccupants: 10 },
        allocationSeconds: 300,
      }),
    );
    await ready();
    all = await named("rooms.state = 'available'");
    group = await transactions.alone(async (tx) => {
      const [member] = await tx.queue.operators(1);
      const members = member ? [member] : [];
      return (await createGroup(tx, { instanceId: 1, externalId: 'g', title: 'Night shift', members })).id;
    });
    await until(async () => (await serviceIsIn(group)) === 1, 'the service account in the group');
  });

  after(() => foyer.stop());

  const vanished = () => all.slice(0, VANISHED);
  const ghosts = () => all.slice(VANISHED, VANISHED + GHOSTS);
  const unseen = () => all.slice(VANISHED + GHOSTS, VANISHED + GHOSTS + UNSEEN);
  const untouched = () => all.slice(VANISHED + GHOSTS + UNSEEN);
  const ids = (some: readonly Named[]) => some.map(({ id }) => id);

  async function named(where: string): Promise<Named[]> {
    return (await foyer.select(
      `SELECT rooms.id, CONCAT(rooms.name, '@', rooms.service) AS jid FROM rooms WHERE ${where} ORDER BY rooms.id`,
    )) as Named[];
  }

  async function ready(): Promise<void> {
    await until(async () => (await named("rooms.state = 'available'")).length >= READY, `${READY} rooms ready`, 60);
  }

  async function serviceIsIn(room: number): Promise<number> {
    const found = await foyer.select(
      'SELECT jid FROM room_occupants WHERE room_id = ? AND present = 1 AND jid LIKE ?',
      [room, `foyer@${host}/%`],
    );
    return found.length;
  }

  async function onServer(): Promise<string[]> {
    return (await withCommands(foyer, (commands) => commands.rooms(host))).map(({ jid }) => jid).sort();
  }

  async function annaEnters({ id, jid }: Named): Promise<void> {
    const [name = '', service = ''] = jid.split('@');
    await withCommands(foyer, (one) => one.admitToRoom(host, service, name, [{ user: 'anna', what: 'admit' }]));
    const [row] = await foyer.select('SELECT password_box FROM rooms WHERE id = ?', [id]);
    const password = foyer.bridge.core.box.open(row?.['password_box'] as Buffer);
    expect((await enter(anna, jid, 'Anna', password)).attrs['type']).to.equal(undefined);
  }

  async function states(some: readonly Named[]): Promise<string[]> {
    const found = await foyer.select('SELECT state FROM rooms WHERE id IN (?) ORDER BY id', [ids(some)]);
    return found.map((row) => row['state'] as string);
  }

  async function reasons(some: readonly Named[]): Promise<string[]> {
    const found = await foyer.select(
      `SELECT reason FROM room_states WHERE room_id IN (?) AND number = (SELECT MAX(number) FROM room_states AS later WHERE later.room_id = room_states.room_id)
        ORDER BY room_id`,
      [ids(some)],
    );
    return found.map((row) => row['reason'] as string);
  }

  /** As if a part of the record were of another time. */
  async function disturb(): Promise<void> {
    const connection = await foyer.bridge.core.pool.getConnection();
    const change = (sql: string, values: unknown[]) => connection.query(sql, values);
    await connection.query('START TRANSACTION');
    await change("UPDATE rooms SET name = CONCAT('foyer-other-', id) WHERE id IN (?)", [[...ids(vanished()), group]]);
    await change("UPDATE rooms SET state = 'staff_waiting' WHERE id IN (?)", [ids(ghosts())]);
    await change('INSERT INTO room_occupants (room_id, jid_hash, jid, nick, role, present, reported_at) VALUES ?', [
      ids(ghosts()).map((id) => [id, Buffer.alloc(16, 1), `anna@${host}/ghost`, 'Anna', 'participant', 1, new Date()]),
    ]);
    await change("UPDATE room_occupants SET present = 0 WHERE room_id IN (?) AND jid LIKE 'anna@%'", [ids(unseen())]);
    await change("UPDATE rooms SET state = IF(chat_id IS NULL, 'available', 'lost') WHERE id IN (?)", [ids(unseen())]);
    await connection.query('COMMIT');
    connection.release();
  }

  async function sync(): Promise<Record<string, unknown>> {
    const job = composeJobs(foyer.bridge.core).find(({ name }) => name === 'sync-rooms');
    return (await job?.run()) as Record<string, unknown>;
  }

  it('are all brought into agreement, and the others are left alone', async () => {
    for (const room of unseen()) await annaEnters(room);
    await until(async () => (await states(unseen())).every((one) => one === 'staff_waiting'), 'Anna in ten rooms');
    for (let i = 0; i < CHATS; i += 1) {
      const page = foyer.page();
      await page.visit({ nick: `Vera ${i}` });
      await page.startChat('Hello');
    }
    const inChat = async () => (await states(unseen())).filter((one) => one === 'chatting').length;
    await until(async () => (await inChat()) === CHATS, 'the chats', 30);
    const before = await onServer();
    await disturb();
    await until(
      async () => {
        const { vanished: gone, changed, unknown } = await sync();
        return gone === 0 && changed === 0 && unknown === 0;
      },
      'agreement',
      30,
    );
    await ready();
    expect(await states(vanished())).to.deep.equal(Array(VANISHED).fill('abandoned'));
    expect(await reasons(vanished())).to.deep.equal(Array(VANISHED).fill('vanished'));
    expect(await states(ghosts())).to.deep.equal(Array(GHOSTS).fill('abandoned'));
    expect(await reasons(ghosts())).to.deep.equal(Array(GHOSTS).fill('lost'));
    expect((await states(unseen())).sort()).to.deep.equal([
      ...Array<string>(CHATS).fill('chatting'),
      ...Array<string>(UNSEEN - CHATS).fill('staff_waiting'),
    ]);
    expect(await states(untouched())).to.deep.equal(Array(untouched().length).fill('available'));
    const [count] = await foyer.select('SELECT COUNT(*) AS n FROM room_states WHERE room_id IN (?)', [
      ids(untouched()),
    ]);
    expect(Number(count?.['n']), 'making and available, and nothing since').to.equal(2 * untouched().length);
    const [remade] = await named(`rooms.id = ${group}`);
    expect(await stateOf(foyer, remade?.jid ?? '')).to.equal('available');
    await until(async () => (await onServer()).includes(remade?.jid ?? ''), 'the group made again');
    await until(async () => (await serviceIsIn(group)) === 1, 'the service account in it');
    await until(
      async () => {
        const open = await named("rooms.state NOT IN ('closed', 'abandoned')");
        return (
          (await onServer()).join() ===
          open
            .map(({ jid }) => jid)
            .sort()
            .join()
        );
      },
      'the same rooms on both sides',
      30,
    );
    const after = await onServer();
    expect(before.filter((jid) => vanished().some((one) => one.jid === jid))).to.have.length(VANISHED);
    expect(after.filter((jid) => vanished().some((one) => one.jid === jid))).to.have.length(0);
  });
});
