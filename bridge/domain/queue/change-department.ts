import { FoyerError } from '../../shared/errors.js';
import type { Tx } from '../ports.js';
import { remakeRooms } from '../rooms/make-room.js';
import { checkRights } from '../rooms/rights.js';
import type { Department, DepartmentSettings } from './department.js';

export type DepartmentChange = { [K in keyof DepartmentSettings | 'name']?: Department[K] | undefined };

/**
 * What is absent stays as it is. Chats that wait are given by the new rules at once.
 * @throws FoyerError `not_found` | `conflict` when the name is taken | `invalid_request` when the overflow leads nowhere
 */
export async function changeDepartment(
  tx: Tx,
  instanceId: number,
  id: number,
  change: DepartmentChange,
): Promise<Department> {
  await tx.queue.lock(instanceId);
  const before = await tx.desks.department(instanceId, id);
  if (!before) throw new FoyerError('not_found', `There is no department ${id}.`, { department: id });
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after: Department = { ...before, ...given };
  const other = await tx.desks.departmentByName(instanceId, after.name);
  if (other && other.id !== id) throw new FoyerError('conflict', 'There is a department of this name.');
  await checkOverflow(tx, after);
  checkRights(after.roomRights);
  await tx.desks.updateDepartment(after);
  if (JSON.stringify(after.roomRights) !== JSON.stringify(before.roomRights)) await remakeRooms(tx, id);
  tx.queue.wake(instanceId);
  return after;
}

async function checkOverflow(
  tx: Tx,
  { id, instanceId, overflowDepartmentId, overflowSeconds }: Department,
): Promise<void> {
  if ((overflowDepartmentId === null) !== (overflowSeconds === null))
    throw new FoyerError('invalid_request', 'overflow_department and overflow_after_seconds go together.');
  if (overflowDepartmentId === null) return;
  if (overflowDepartmentId === id)
    throw new FoyerError('invalid_request', 'overflow_department: must be another department.');
  if (!(await tx.desks.department(instanceId, overflowDepartmentId)))
    throw new FoyerError('not_found', `There is no department ${overflowDepartmentId}.`, {
      department: overflowDepartmentId,
    });
}
