import type { Transactions, Tx } from '../ports.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import type { RoomOnServer, RoomReads, RoomServer, WantedRoom } from './reads.js';
import { fillPools } from './keep-rooms.js';
import { enterMissing, recordOccupant, roomVanished } from './record-occupant.js';
import { isOpenRoom, ownPrefix, roomJid, type Occupant } from './room.js';

/** What was brought into agreement. */
export interface Agreement {
  /** Rooms looked at. */
  rooms: number;
  vanished: number;
  /** Rooms in which somebody else is than the table had. */
  changed: number;
  /** Rooms that were made here and that nobody knows any more: removed. */
  unknown: number;
}

/**
 * Brings the table and one host of ejabberd into agreement, while chats go on: rooms that ejabberd has no more, people who came or went unnoticed, own rooms that nobody
 * knows; those of another bridge are left alone. Only rooms in which something differs are locked; a report that mod_foyer sends meanwhile, and that is newer, holds.
 */
export async function syncRooms(
  { transactions, reads, server }: { transactions: Transactions; reads: RoomReads; server: RoomServer },
  host: string,
): Promise<Agreement> {
  // What is open before must be there, and what is there must be known after. Between them mod_foyer's own reports of what happened before the look have all been taken:
  // somebody who left in good order must not seem lost.
  const before = new Set(
    (await reads.openOn(host)).filter(({ room }) => room.state !== 'making').map(({ room }) => room.id),
  );
  const there = new Map((await server.rooms()).map((one) => [one.jid, one]));
  const agreement: Agreement = { rooms: before.size, vanished: 0, changed: 0, unknown: 0 };
  if (!(await server.reported())) return { ...agreement, rooms: 0 };
  const different = (await reads.openOn(host))
    .map((wanted) => ({ wanted, found: there.get(roomJid(wanted.room)) }))
    .filter(({ wanted, found }) => (found ? differs(wanted, found) : before.has(wanted.room.id)));
  const failed: unknown[] = [];
  for (let i = 0; i < different.length; i += AT_ONCE)
    failed.push(...(await change(transactions, different.slice(i, i + AT_ONCE))));
  agreement.vanished = different.filter(({ found }) => !found).length;
  agreement.changed = different.length - agreement.vanished;
  if (agreement.vanished > 0) await fillPools(reads, transactions);
  if (failed.length > 0) throw failed[0];
  const names = [...there.keys()].map((jid) => ({ service: splitJid(jid).host, name: splitJid(jid).local }));
  const known = await reads.known(names);
  const own = ownPrefix(await reads.mark());
  const unknown = [...there.keys()].filter((jid) => jid.startsWith(own) && !known.has(jid));
  if (unknown.length > 0) await server.destroy(unknown);
  agreement.unknown = unknown.length;
  return agreement;
}

interface Different {
  wanted: WantedRoom;
  /** Undefined: ejabberd has it no more. */
  found: RoomOnServer | undefined;
}

/** Rooms that one transaction changes: each is locked until its end. */
const AT_ONCE = 50;

/** @returns why some couldn't be changed; the others are */
async function change(transactions: Transactions, rooms: readonly Different[]): Promise<unknown[]> {
  const faults = await transactions.batch<Different, unknown>({
    items: rooms,
    async prepare(tx, items) {
      await tx.chats.lockMany(items.flatMap(({ wanted }) => wanted.room.chatId ?? []));
      await tx.rooms.lockMany(items.map(({ wanted }) => wanted.room.id));
    },
    each: async (tx, { wanted, found }) => {
      await (found ? agree(tx, wanted, found) : roomVanished(tx, wanted.room, 'vanished'));
      return undefined;
    },
    refused: (_, __, error) => error,
  });
  return faults.filter((fault) => fault !== undefined);
}

function differs({ occupants, expected }: WantedRoom, found: RoomOnServer): boolean {
  const had = new Map(occupants.map(({ jid, nick }) => [jid, nick]));
  const same = had.size === found.occupants.length && found.occupants.every(({ jid, nick }) => had.get(jid) === nick);
  const here = new Set(found.occupants.map(({ jid }) => bareJid(jid)));
  return !same || !expected.every((jid) => here.has(jid));
}

async function agree(tx: Tx, { room, occupants, expected }: WantedRoom, found: RoomOnServer): Promise<void> {
  const at = new Date(found.at);
  const here = new Set(found.occupants.map(({ jid }) => jid));
  const gone = (one: Occupant): boolean => !here.has(one.jid);
  for (const { jid, nick, role } of found.occupants)
    await recordOccupant(tx, room, { jid, nick, role, present: true, cause: 'sync', actor: '', reason: '', at });
  for (const { jid, nick, role } of occupants.filter(gone))
    await recordOccupant(tx, room, { jid, nick, role, present: false, cause: 'lost', actor: '', reason: '', at });
  const now = await tx.rooms.lock(room.id);
  if (!now || !isOpenRoom(now)) return;
  now.syncedAt = at;
  await tx.rooms.update(now);
  const inside = new Set(found.occupants.map(({ jid }) => bareJid(jid)));
  await enterMissing(
    tx,
    now,
    expected.filter((jid) => !inside.has(jid)),
  );
}
