import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import { fillRooms, loginAll, rawRooms, roomsWithChats, type BusyRoom } from './support/busy-rooms.js';
import { cpuSeconds } from './support/cpu.js';
import { listen } from './support/event-stream.js';
import { percentiles } from './support/figures.js';
import { numbered, numberOf, Tally, tallyOf } from './support/record.js';
import type { RoomClient } from './support/room-client.js';

/** Rooms, and connections: each connection is in every room under a nick of its own, which makes 2,500 occupants. */
const ROOMS = 50;
/** One message of so many is written on a page. */
const BY_PAGE = 5;
/** 600 messages a minute over all rooms, and 20 times that; and for how many times as long as other steady messages they are sent. */
const RATES = [
  { perSecond: 10, longer: 4 },
  { perSecond: 200, longer: 1 },
] as const;
/** From the sending until all but one percent of those who are to read it have it. */
const TARGET = { atMost: 150 };

/** One kind of message on its way to one kind of reader. */
interface Way {
  milliseconds: number[];
  lost: number;
  doubled: number;
}

interface Page {
  room: BusyRoom;
  say(text: string, id: string): void;
  onText: (text: string) => void;
  close(): void;
}

/** Rooms with the same clients in them. */
interface Load {
  jids: readonly string[];
  /** One for each room; none where all is said by clients. */
  pages: readonly Page[];
  toOccupants: Way;
  toPage: Way;
  fromPage: Way;
  /** Processor time of ejabberd and of the bridge, in seconds, for so many messages. */
  cpu: { ejabberd: number; bridge: number; messages: number };
  /** Rooms whose record has occupants' words in another order than the room. */
  disordered: number;
}

/** 50 rooms × 50 occupants and a visitor in each: how long words take to the occupants, into the record and onto the page, in turns with rooms that aren't Foyer's. */
export async function rooms(bench: Bench): Promise<void> {
  const { foyer, sizes, report } = bench;
  const clients = await loginAll(await foyer.registerOperators(ROOMS));
  const busy = await roomsWithChats(foyer, clients);
  const raw = await rawRooms(foyer, clients, ROOMS);
  const { entered, recorded } = await fillRooms(foyer, clients, busy);
  const enter = { measure: `${ROOMS} rooms × ${ROOMS}`, unit: '/s', raw: ROOMS ** 2 / raw.entered };
  report({ ...enter, what: 'occupants that enter', value: ROOMS ** 2 / entered });
  report({ ...enter, what: 'occupants that enter, until all are recorded', value: ROOMS ** 2 / recorded });
  const pages = await Promise.all(busy.map((room) => openPage(foyer.base, room)));
  for (const { perSecond, longer } of RATES) {
    const [without, foyers] = [
      newLoad(raw.jids, []),
      newLoad(
        busy.map(({ jid }) => jid),
        pages,
      ),
    ];
    for (let round = 0; round < sizes.rounds; round += 1)
      for (const load of [without, foyers]) await run(bench, clients, load, perSecond, sizes.steadySeconds * longer);
    tell(bench, perSecond, without, foyers);
  }
  for (const page of pages) page.close();
  for (const client of clients) client.close();
}

function newLoad(jids: readonly string[], pages: readonly Page[]): Load {
  const way = (): Way => ({ milliseconds: [], lost: 0, doubled: 0 });
  return {
    ...{ jids, pages, toOccupants: way(), toPage: way(), fromPage: way(), disordered: 0 },
    cpu: { ejabberd: 0, bridge: 0, messages: 0 },
  };
}

/** Sends at this pace, whatever becomes of the earlier ones, and waits until everybody has everything. */
async function run(
  { foyer, newRun }: Bench,
  clients: readonly RoomClient[],
  load: Load,
  perSecond: number,
  seconds: number,
): Promise<void> {
  const name = newRun();
  const count = perSecond * seconds;
  const isOfPage = (number: number) => load.pages.length > 0 && number % BY_PAGE === BY_PAGE - 1;
  const roomOf = (number: number) => Math.floor(number / BY_PAGE) % ROOMS;
  const sentAt: number[] = [];
  const since = (number: number) => performance.now() - (sentAt[number] ?? 0);
  const heard = clients.map(() => new Tally(count));
  /** In the order of each room, as one of those who are in it has it. */
  const inRoom: number[][] = load.jids.map(() => []);
  const onPages = new Tally(load.pages.length > 0 ? count : 0);
  for (const [i, client] of clients.entries())
    client.onText = (text) => {
      const number = numberOf(text, name);
      if (number === null) return;
      heard[i]?.add(number);
      (isOfPage(number) ? load.fromPage : load.toOccupants).milliseconds.push(since(number));
      if (i === 0 && !isOfPage(number)) inRoom[roomOf(number)]?.push(number);
    };
  for (const page of load.pages)
    page.onText = (text) => {
      const number = numberOf(text, name);
      if (number === null) return;
      onPages.add(number);
      if (!isOfPage(number)) load.toPage.milliseconds.push(since(number));
    };
  const before = await cpuOf(foyer);
  const started = performance.now();
  for (let number = 0; number < count; number += 1) {
    const wait = started + (number * 1000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const [text, id] = [numbered(name, number), `${name}-${number}`];
    sentAt[number] = performance.now();
    if (isOfPage(number)) load.pages[roomOf(number)]?.say(text, id);
    else clients[number % clients.length]?.sayIn(load.jids[roomOf(number)] ?? '', text, id);
  }
  const arrived = () => onPages.lost === 0 && heard.every(({ lost }) => lost === 0);
  await until(arrived, `${count} messages at everybody`, 60).catch(() => undefined);
  const after = await cpuOf(foyer);
  load.cpu.ejabberd += after.ejabberd - before.ejabberd;
  load.cpu.bridge += after.bridge - before.bridge;
  load.cpu.messages += count;
  const at = (way: Way, tallies: readonly Tally[]) => {
    for (const { lost, doubled } of tallies) {
      way.lost += lost;
      way.doubled += doubled;
    }
  };
  at(load.toOccupants, heard);
  if (load.pages.length === 0) return;
  at(load.toPage, [onPages, await tallyOf(foyer.pool, name, count)]);
  for (const [i, { room }] of load.pages.entries()) {
    const recorded = await numbersOf(foyer, room.chatId, name);
    if (recorded.filter((number) => !isOfPage(number)).join() !== inRoom[i]?.join()) load.disordered += 1;
  }
}

async function numbersOf({ pool }: Bench['foyer'], chatId: number, name: string): Promise<number[]> {
  const found = await rows(pool, 'SELECT text FROM messages WHERE chat_id = ? AND text LIKE ? ORDER BY number', [
    ...[chatId, `${name} %`],
  ]);
  return found.map((row) => numberOf(row['text'] as string, name) ?? 0);
}

async function cpuOf({ ejabberd, bridge }: Bench['foyer']): Promise<{ ejabberd: number; bridge: number }> {
  return { ejabberd: await cpuSeconds(ejabberd.pid), bridge: await cpuSeconds(bridge.pid) };
}

/** Its words go one after the other, as a page sends them. */
async function openPage(base: string, room: BusyRoom): Promise<Page> {
  const url = `${base}/visitor/v1/chats/${room.chatId}/messages`;
  const headers = { authorization: room.token, 'content-type': 'application/json' };
  let last: Promise<unknown> = Promise.resolve();
  const page: Page = {
    room,
    onText: () => undefined,
    say(text, id) {
      const body = JSON.stringify({ client_message_id: id, text });
      // The server ends connections that lie idle between two rounds: fetch makes new ones.
      last = last.then(async () => (await fetch(url, { method: 'POST', headers, body })).text());
    },
    close: () => stream.close(),
  };
  const stream = await listen(base, room.token, (text) => page.onText(text));
  return page;
}

function tell({ report }: Bench, perSecond: number, raw: Load, { toOccupants, toPage, fromPage, ...load }: Load): void {
  const measure = `rooms, ${perSecond}/s`;
  const rawFigures = percentiles(raw.toOccupants.milliseconds);
  for (const [way, what] of [
    [toOccupants, 'occupant to occupants'],
    [toPage, 'occupant into the record and onto the page'],
    [fromPage, 'page to occupants'],
  ] as const) {
    for (const [name, value] of Object.entries(percentiles(way.milliseconds)))
      report({
        ...{ measure, what: `${what}, ${name}`, value, unit: 'ms' },
        raw: rawFigures[name as keyof typeof rawFigures],
        ...(name === 'p99' ? { target: TARGET } : {}),
        ...(name === 'max' && way !== fromPage ? { lost: way.lost, doubled: way.doubled } : {}),
      });
  }
  const each = (seconds: number, { cpu }: Pick<Load, 'cpu'>) => (seconds * 1000) / cpu.messages;
  const cost = { measure, unit: 'ms' };
  report({
    ...cost,
    what: 'ejabberd’s processor time for a message',
    ...{ value: each(load.cpu.ejabberd, load), raw: each(raw.cpu.ejabberd, raw) },
  });
  report({ ...cost, what: 'the bridge’s processor time for a message', value: each(load.cpu.bridge, load) });
  report({
    ...{ measure, what: 'rooms whose record is in another order', value: load.disordered, unit: 'rooms' },
    target: { atMost: 0 },
  });
}
