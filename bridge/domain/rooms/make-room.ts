import { FoyerError } from '../../shared/errors.js';
import type { Tx } from '../ports.js';
import { isOpenRoom, type Room } from './room.js';
import { moveRoom } from './move-room.js';
import type { NewRoom, RoomPool } from './store.js';

/** A room that will be on ejabberd soon. @throws FoyerError `ejabberd_unavailable` before the service account is there */
export async function makeRoom(tx: Tx, room: Omit<NewRoom, 'accountId' | 'host'>): Promise<Room> {
  const { host } = await tx.instances.get(room.instanceId);
  const service = await tx.accounts.service(host);
  if (!service) throw new FoyerError('ejabberd_unavailable', 'There is no service account yet.');
  const made = await tx.rooms.create({ ...room, host, accountId: service.id });
  tx.outbox.toAccount(owner(made), { kind: 'room.make', room: made.id });
  return made;
}

/** Whose lane everything about the room as a whole goes through. */
export function owner({ accountId, instanceId }: Pick<Room, 'accountId' | 'instanceId'>): {
  id: number;
  instanceId: number;
} {
  return { id: accountId, instanceId };
}

/** Rooms made by one transaction at most. */
const AT_ONCE = 50;

/** As many rooms as should stand ready, within what there may be. @returns how many were made; call again while it isn't 0 */
export async function refillPool(tx: Tx, departmentId: number): Promise<number> {
  const pool = await tx.rooms.lockPool(departmentId);
  if (!pool) return 0;
  const { ready, open } = await tx.rooms.counts(departmentId);
  const missing = Math.min(AT_ONCE, pool.size - ready, pool.maxRooms - open);
  const { name } = await tx.queue.department(departmentId);
  for (let i = 0; i < missing; i += 1)
    await makeRoom(tx, {
      ...{ instanceId: pool.instanceId, departmentId, purpose: 'pool' },
      ...{ title: name, maxOccupants: pool.maxOccupants },
    });
  return Math.max(0, missing);
}

/** Its open rooms are set right on ejabberd. */
export async function remakeRooms(tx: Tx, departmentId: number): Promise<void> {
  for (const room of await tx.rooms.openIn(departmentId))
    tx.outbox.toAccount(owner(room), { kind: 'room.make', room: room.id });
}

/** The department's chats take place in rooms from now on. @throws FoyerError `not_found` | `invalid_request` */
export async function setPool(tx: Tx, pool: RoomPool): Promise<void> {
  if (!(await tx.desks.department(pool.instanceId, pool.departmentId)))
    throw new FoyerError('not_found', `There is no department ${pool.departmentId}.`, {
      department: pool.departmentId,
    });
  if (pool.size > pool.maxRooms) throw new FoyerError('invalid_request', 'size: more than max_rooms.');
  await tx.rooms.setPool(pool);
  await refillPool(tx, pool.departmentId);
  tx.queue.wake(pool.instanceId);
}

/** Its chats are with contacts again. Rooms in which somebody is stay until they are left. */
export async function removePool(tx: Tx, instanceId: number, departmentId: number): Promise<void> {
  if (!(await tx.desks.department(instanceId, departmentId)))
    throw new FoyerError('not_found', `There is no department ${departmentId}.`, { department: departmentId });
  for (const id of await tx.rooms.idle(departmentId)) {
    const room = await tx.rooms.lock(id);
    if (room && isOpenRoom(room)) await moveRoom(tx, room, 'closed', 'pool_removed');
  }
  await tx.rooms.removePool(departmentId);
  tx.queue.wake(instanceId);
}
