import type { Transactions, Tx } from '../ports.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import type { RoomOnServer, RoomReads, RoomServer, WantedRoom } from './reads.js';
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
  for (const one of await reads.openOn(host)) {
    const found = there.get(roomJid(one.room));
    if (!found) {
      if (!before.has(one.room.id)) continue;
      await transactions.alone((tx) => roomVanished(tx, one.room, 'vanished'));
      agreement.vanished += 1;
    } else if (differs(one, found)) {
      await transactions.alone((tx) => agree(tx, one, found));
      agreement.changed += 1;
    }
  }
  const names = [...there.keys()].map((jid) => ({ service: splitJid(jid).host, name: splitJid(jid).local }));
  const known = await reads.known(names);
  const own = ownPrefix(await reads.mark());
  const unknown = [...there.keys()].filter((jid) => jid.startsWith(own) && !known.has(jid));
  if (unknown.length > 0) await server.destroy(unknown);
  agreement.unknown = unknown.length;
  return agreement;
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
    await recordOccupant(tx, room, { jid, nick, role, present: true, cause: 'sync', at });
  for (const { jid, nick, role } of occupants.filter(gone))
    await recordOccupant(tx, room, { jid, nick, role, present: false, cause: 'lost', at });
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
