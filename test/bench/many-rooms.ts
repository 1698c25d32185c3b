import { createRoomReads } from '../../bridge/storage/room-reads.js';
import { roomJid } from '../../bridge/domain/rooms/room.js';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import type { BenchFoyer } from './support/bench-foyer.js';
import {
  asking,
  fillPool,
  fillRooms,
  loginAll,
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

/** What an event of a room costs with ever more rooms, and how soon 1,000 agree again after a restart. */
export async function manyRooms(bench: Bench): Promise<void> {
  const { foyer, report } = bench;
  const clients = await loginAll(await foyer.registerOperators(BUSY));
  const busy = await roomsWithChats(foyer, clients);
  await fillRooms(foyer, clients, busy);
  const raw = await rawRooms(foyer, clients, 1);
  const costs: { message: number; raw: number }[] = [];
  for (const count of COUNTS) {
    await fillPool(foyer, count - BUSY, 2 * BUSY, count);
    const cost = await costOf(bench, clients, busy[0] as BusyRoom, raw.jids[0] ?? '');
    costs.push(cost);
    report({
      ...{ measure: 'rooms', what: `a message into the record and onto the page, ${count} rooms`, unit: 'ms' },
      ...{ value: cost.message, raw: cost.raw },
    });
  }
  const [few, many] = [costs[0], costs.at(-1)] as [(typeof costs)[0], (typeof costs)[0]];
  report({
    ...{ measure: 'rooms', what: 'a message: most rooms over fewest, as the raw ones', unit: '×', target: GROWTH },
    value: many.message / many.raw / (few.message / few.raw),
  });
  await resync(bench);
  for (const client of clients) client.close();
}

/** One message after the other. */
async function costOf(
  { foyer, newRun }: Bench,
  clients: readonly RoomClient[],
  room: BusyRoom,
  rawRoom: string,
): Promise<{ message: number; raw: number }> {
  const [speaker, reader] = clients as [RoomClient, RoomClient];
  let arrived: (text: string) => void = () => undefined;
  const stream = await listen(foyer.base, room.token, (text) => arrived(text));
  const [message, raw]: number[][] = [[], []] as number[][];
  const run = newRun();
  for (let number = 0; number < EVENTS + WARM_UP; number += 1) {
    const text = numbered(run, number);
    const send = async (jid: string, id: string): Promise<number> => {
      const sent = performance.now();
      const waiting = new Promise<void>((resolve) => {
        arrived = (one) => void (one === text && resolve());
      });
      speaker.sayIn(jid, text, id);
      await waiting;
      return performance.now() - sent;
    };
    reader.onText = () => undefined;
    const onPage = await send(room.jid, `${run}-${number}`);
    reader.onText = (one) => arrived(one);
    const inRaw = await send(rawRoom, `${run}-raw-${number}`);
    if (number < WARM_UP) continue;
    message?.push(onPage);
    raw?.push(inRaw);
  }
  stream.close();
  reader.onText = () => undefined;
  return { message: median(message ?? []), raw: median(raw ?? []) };
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
  await asking(foyer, async (modFoyer) => {
    for (let i = 0; i < names.length; i += 100) await modFoyer.destroyRooms(host, service, names.slice(i, i + 100));
    const specs = Array.from({ length: strange }, (_, i) => ({
      room: `foyer-strange-${i}`,
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
