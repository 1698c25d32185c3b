import type { Tx } from '../ports.js';
import { canMoveRoom, isOpenRoom, type Room, type RoomState } from './room.js';

/**
 * The room, which must be locked, is in another state from now on; one that is over is removed from ejabberd, and stays in the record. Throws on a transition that
 * isn't in the table: that is a fault of ours.
 * @param reason a word for the record
 */
export async function moveRoom(tx: Tx, room: Room, to: RoomState, reason: string): Promise<void> {
  if (!canMoveRoom(room.state, to)) throw new Error(`Room ${room.id} can't go from ${room.state} to ${to}`);
  await tx.rooms.setState(room, to, reason);
  tx.report({ what: 'roomMoved', room: room.id, instance: room.instanceId, state: to, reason });
  if (isOpenRoom(room)) return;
  tx.outbox.toAccount({ id: room.accountId, instanceId: room.instanceId }, { kind: 'room.destroy', room: room.id });
}

/** ejabberd has rooms that were asked for. */
export async function roomsMade(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.rooms.lockMany(ids);
  for (const id of ids) {
    const room = await tx.rooms.lock(id);
    if (room?.state === 'making') await moveRoom(tx, room, 'available', 'made');
    if (room) tx.queue.wake(room.instanceId);
  }
}
