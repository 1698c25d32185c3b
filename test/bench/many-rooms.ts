import { createRoomReads } from '../../bridge/storage/room-reads.js';
import { ownPrefix, roomJid } from '../../bridge/domain/rooms/room.js';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import type { BenchFoyer } from './support/bench-foyer.js';
import {
  asking,
  fillPool,
  fillRooms,
  loginAll,
  nickOf,
  passwordsOf,
  rawRooms,
  roomsWithChats,
  type BusyRoom,
} from './support/busy-rooms.js';
import { listen } from './support/event-stream.js';
import { median } from './support/figures.js';
import { numbered } from './support/record.js';
import type { RoomClient } from './support/room-client.js';

/** Rooms that there are, in turn: how the costs grow is what matters. */
const COUNTS = [10, 100, 1_000] as const;
/** In use all the while, with everybody in each. */
const BUSY = 5;
const EVENTS = 200;
const WARM_UP = 20;
/** What happens in one room has to cost the same however many there are. */
const GROWTH = { atMost: 1.5 };
/** Rooms that ejabberd has lost, and that nobody knows, after a restart. */
const LOST = 100;
const STRANGE = 50;
const TARGET = { atMost: 10 };

interface Cost {
  /** Milliseconds: what an occupant said is in the record and on the page. */
  message: number;
  /** Somebody came or went, and the page says so. */
  change: number;
  /** What was said in a room that isn't Foyer's is at another occupant. */
  raw: number;
}

/** What an event of a room costs with ever more rooms, and how soon 1,000 agree again after a restart. */
export async function manyRooms(bench: Bench): Promise<void> {
  const { foyer, report } = bench;
  const clients = await loginAll(await foyer.registerOperators(BUSY));
  const busy = await roomsWithChats(foyer, clients);
  await fillRooms(foyer, clients, busy);
  const raw = await rawRooms(foyer, clients, 1);
  const costs: Cost[] = [];
  for (const count of COUNTS) {
    await fillPool(foyer, count - BUSY, 2 * BUSY, count);
    const cost = await costOf(bench, clients, busy[0] as BusyRoom, raw.jids[0] ?? '');
    costs.push(cost);
    const figure = { measure: 'rooms', unit: 'ms', raw: cost.raw };
    report({ ...figure, what: `what is said is on the page, ${count} rooms`, value: cost.message });
    report({ ...figure, what: `who comes or goes is on the page, ${count} rooms`, value: cost.change });
  }
  const [few, many] = [costs[0], costs.at(-1)] as [Cost, Cost];
  // By what raw messages cost at the same time, since the machine's speed drifts.
  const growth = (what: string, kind: 'message' | 'change') =>
    report({
      ...{ measure: 'rooms', what, unit: '×', target: GROWTH },
      value: many[kind] / many.raw / (few[kind] / few.raw),
    });
  growth('what is said, of raw: most rooms over fewest', 'message');
  growth('who comes or goes, of raw: most rooms over fewest', 'change');
  await resync(bench);
  for (const client of clients) client.close();
}

/** One event after the other, in turns with a room that isn't Foyer's. */
async function costOf(
  { foyer, newRun }: Bench,
  clients: readonly RoomClient[],
  room: BusyRoom,
  rawRoom: string,
): Promise<Cost> {
  const [speaker, reader] = clients as [RoomClient, RoomClient];
  const password = (await passwordsOf(foyer)).get(room.jid);
  let arrived: (text: string) => void = () => undefined;
  const stream = await listen(foyer.base, room.token, (text) => arrived(text));
  const costs: Record<keyof Cost, number[]> = { message: [], change: [], raw: [] };
  const run = newRun();
  const onceHeard = async (text: string | null, act: () => void): Promise<number> => {
    const started = performance.now();
    await new Promise<void>((resolve) => {
      arrived = (one) => void ((text === null || one === text) && resolve());
      act();
    });
    return performance.now() - started;
  };
  for (let number = 0; number < EVENTS + WARM_UP; number += 1) {
    const text = numbered(run, number);
    const each = {
      message: await onceHeard(text, () => speaker.sayIn(room.jid, text, `${run}-${number}`)),
      change: await onceHeard(null, () => {
        if (number % 2 === 0) reader.leave(room.jid, nickOf(1));
        else reader.enter(room.jid, nickOf(1), password);
      }),
      raw: 0,
    };
    reader.onText = (one) => arrived(one);
    each.raw = await onceHeard(text, () => speaker.sayIn(rawRoom, text, `${run}-raw-${number}`));
    reader.onText = () => undefined;
    if (number >= WARM_UP) for (const kind of ['message', 'change', 'raw'] as const) costs[kind].push(each[kind]);
  }
  stream.close();
  return { message: median(costs.message), change: median(costs.change), raw: median(costs.raw) };
}

async function resync({ foyer, report }: Bench): Promise<void> {
  const count = COUNTS.at(-1) as number;
  const measure = `${count} rooms`;
  await agreed(foyer, count);
  const look = await timed(() => asking(foyer, (modFoyer) => modFoyer.rooms(foyer.ejabberd.host)));
  report({ measure, what: 'all of ejabberd’s rooms with who is in them, by one call', value: look * 1000, unit: 'ms' });
  const after = async (what: string, work: () => Promise<void>) => {
    await work();
    const value = await timed(() => agreed(foyer, count));
    report({ measure, what: `agree again after ${what}`, value, unit: 's', target: TARGET });
  };
  await after(`a restart of the bridge, ${LOST} lost and ${STRANGE} strange`, () =>
    foyer.restartBridge(() => disturb(foyer, LOST, STRANGE)),
  );
  await after('a restart of ejabberd', async () => {
    await foyer.ejabberd.kill();
    await foyer.ejabberd.restart();
  });
  await after('ejabberd lost all', () => foyer.restartBridge(() => disturb(foyer, count - BUSY, 0)));
}

/** Past the bridge: rooms that stand ready go, and others come. */
async function disturb(foyer: BenchFoyer, lost: number, strange: number): Promise<void> {
  const { host } = foyer.ejabberd;
  const service = `conference.${host}`;
  const found = await rows(foyer.pool, "SELECT name FROM rooms WHERE state = 'available' ORDER BY id LIMIT ?", [lost]);
  const names = found.map((row) => row['name'] as string);
  const own = ownPrefix(await createRoomReads(foyer.pool).mark());
  await asking(foyer, async (modFoyer) => {
    for (let i = 0; i < names.length; i += 100) await modFoyer.destroyRooms(host, service, names.slice(i, i + 100));
    const specs = Array.from({ length: strange }, (_, i) => ({
      room: `${own}strange-${i}`,
      password: 'x',
      title: '',
      may: '',
    }));
    if (strange > 0) await modFoyer.createRooms(host, service, 5, specs);
  });
}

/** Resolves when table and server have the same rooms with the same people in them, as many as there should be. */
async function agreed(foyer: BenchFoyer, count: number): Promise<void> {
  const { host } = foyer.ejabberd;
  const reads = createRoomReads(foyer.pool);
  const people = (occupants: readonly { jid: string }[]) =>
    occupants
      .map(({ jid }) => jid)
      .sort()
      .join();
  await until(
    async () => {
      const open = await reads.openOn(host);
      if (open.length < count - BUSY || open.some(({ room }) => room.state === 'making')) return false;
      const there = await asking(foyer, (modFoyer) => modFoyer.rooms(host)).catch(() => []);
      const found = new Map(there.map(({ jid, occupants }) => [jid, people(occupants)]));
      return (
        found.size === open.length &&
        open.every(({ room, occupants }) => found.get(roomJid(room)) === people(occupants))
      );
    },
    `${count} rooms that agree`,
    120,
    100,
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
