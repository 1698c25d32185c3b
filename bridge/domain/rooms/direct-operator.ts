import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say, type TextKey } from '../texts/say.js';
import { owner, refillPool } from './make-room.js';
import { moveRoom } from './move-room.js';
import type { Room } from './room.js';
import { mayInRoom } from './rights.js';
import type { RoomPool } from './store.js';

/**
 * Sends an operator into a room that stands ready: lets it in and tells it the password. Queue must be locked where others could do so at the same time.
 * @returns null: none is ready; `full`: the operator has as many rooms as it may have
 */
export async function directOperator(tx: Tx, pool: RoomPool, operator: Operator): Promise<Room | null | 'full'> {
  if ((await tx.rooms.ofOperator(operator.id)).length >= pool.maxPerOperator) return 'full';
  const room = await tx.rooms.takeAvailable(pool.departmentId);
  if (!room) return null;
  await moveRoom(tx, room, 'directed', 'directed');
  room.operatorId = operator.id;
  await tx.rooms.update(room);
  await inviteInto(tx, room, operator, 'room_directed', { title: room.title });
  await refillPool(tx, pool.departmentId);
  return room;
}

/** Lets an operator into a room, and has its client offer to go there (XEP-0249). @param role `visitor`: it hears all, and may not speak (XEP-0045) */
export async function inviteInto(
  tx: Tx,
  room: Room,
  operator: Operator,
  key: TextKey,
  values: Record<string, string | number>,
  role: 'participant' | 'visitor' = 'participant',
): Promise<void> {
  const moderates = role === 'participant' && (await mayInRoom(tx, room, operator, 'kick'));
  const body = `[Foyer] ${say(operator.language, { key, values })}`;
  const id = `foyer-invitation.${tx.newId()}`;
  tx.outbox.toAccount(owner(room), {
    kind: 'room.invite',
    room: room.id,
    to: operator.jid,
    id,
    body,
    ...(role === 'visitor' && { what: 'admit_to_watch' }),
    ...(moderates && { what: 'moderate' }),
  });
}

/** The operator won't come into the rooms that it was sent into: others are asked. @returns how many there were */
export async function declineRooms(tx: Tx, operator: Operator): Promise<number> {
  let declined = 0;
  for (const { id } of (await tx.rooms.ofOperator(operator.id)).filter(({ state }) => state === 'directed')) {
    const room = await tx.rooms.lock(id);
    if (room?.state !== 'directed') continue;
    await moveRoom(tx, room, 'abandoned', 'declined');
    tx.queue.wake(room.instanceId);
    declined += 1;
  }
  return declined;
}
