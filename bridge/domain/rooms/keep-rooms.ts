import type { Transactions } from '../ports.js';
import { refillPool } from './make-room.js';
import { moveRoom } from './move-room.js';
import { isOpenRoom } from './room.js';
import type { RoomReads } from './reads.js';

/** What time brings: rooms to which nobody came, and those that somebody stays in after the chat, are over; pools are filled. @returns rooms changed or made */
export async function keepRooms(reads: RoomReads, transactions: Transactions): Promise<number> {
  let changed = 0;
  for (const departmentId of await reads.poolDepartments()) {
    for (const id of await transactions.alone((tx) => tx.rooms.overdue(departmentId))) {
      await transactions.alone(async (tx) => {
        const room = await tx.rooms.lock(id);
        if (!room || !isOpenRoom(room)) return;
        const reason = room.state === 'directed' ? 'nobody_came' : 'over';
        await moveRoom(tx, room, room.state === 'closing' ? 'closed' : 'abandoned', reason);
        tx.queue.wake(room.instanceId);
      });
      changed += 1;
    }
  }
  return changed + (await fillPools(reads, transactions));
}

/** @returns rooms made */
export async function fillPools(reads: RoomReads, transactions: Transactions): Promise<number> {
  let total = 0;
  for (const departmentId of await reads.poolDepartments())
    for (let made = 1; made > 0; total += made) made = await transactions.alone((tx) => refillPool(tx, departmentId));
  return total;
}
