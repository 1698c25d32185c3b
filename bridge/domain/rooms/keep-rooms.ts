import { returnToQueue } from '../chats/return-to-queue.js';
import type { Transactions, Tx } from '../ports.js';
import { enqueue } from '../queue/enqueue.js';
import { refillPool } from './make-room.js';
import { moveRoom } from './move-room.js';
import { unbanOperator } from './put-out.js';
import { isOpenRoom } from './room.js';
import { endWatches } from '../supervision/end-watches.js';
import type { RoomReads } from './reads.js';

/** What time brings: rooms to which nobody came, and those that somebody stays in after the chat, are over, as are watches of those who have gone; visitors who are left alone wait for somebody else; pools are
 * filled; bans end. @returns rooms changed or made */
export async function keepRooms(reads: RoomReads, transactions: Transactions): Promise<number> {
  let changed = (await transactions.alone(liftEnded)) + (await endWatches(transactions));
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
    for (const id of await transactions.alone((tx) => tx.rooms.deserted(departmentId))) {
      await transactions.alone((tx) => releaseVisitor(tx, id));
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

/** Whoever was in the room with the visitor doesn't come back: the chat waits for somebody else. */
async function releaseVisitor(tx: Tx, id: number): Promise<void> {
  const found = await tx.rooms.peek(id);
  const chat = found?.chatId == null ? undefined : await tx.chats.lock(found.chatId);
  if (chat?.state !== 'active' || chat.roomId !== id) return;
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  await returnToQueue(tx, chat, owner, await tx.queue.lock(chat.instanceId));
  await enqueue(tx, chat);
}

async function liftEnded(tx: Tx): Promise<number> {
  const ended = await tx.rooms.endedBans();
  for (const ban of ended) {
    const room = await tx.rooms.lock(ban.roomId);
    if (room) await unbanOperator(tx, room, ban, 'system');
  }
  return ended.length;
}
