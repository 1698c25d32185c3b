import { FoyerError } from '../../shared/errors.js';
import type { Tx } from '../ports.js';
import { isThere } from './choose-operators.js';
import type { DepartmentSettings } from './department.js';

/** How a department stands, as far as taking another chat is concerned. */
export interface Opening {
  /** Chats that wait. */
  waiting: number;
  /** Whether an operator is there and not paused, however busy. */
  there: boolean;
}

export type ClosedBecause = 'queue_closed' | 'queue_full' | 'nobody_there';

/** Why a department takes no new chat now; null: it takes one. */
export function whyClosed(department: DepartmentSettings, { waiting, there }: Opening): ClosedBecause | null {
  if (department.opening === 'closed') return 'queue_closed';
  if (department.maxWaiting !== null && waiting >= department.maxWaiting) return 'queue_full';
  return department.opening === 'auto' && department.whenEmpty === 'offline' && !there ? 'nobody_there' : null;
}

const SAID: Record<ClosedBecause, string> = {
  queue_closed: 'This department takes no chats now.',
  queue_full: 'Too many chats wait already.',
  nobody_there: 'Nobody is there to answer.',
};

/** Why a department takes no chat at this moment; null: it takes one. */
export async function closedBecause(tx: Tx, departmentId: number): Promise<ClosedBecause | null> {
  const department = await tx.queue.department(departmentId);
  const candidates = department.whenEmpty === 'offline' ? await tx.queue.candidates(department) : [];
  return whyClosed(department, {
    waiting: department.maxWaiting === null ? 0 : await tx.queue.waiting(departmentId),
    there: candidates.some(({ show }) => isThere(show)),
  });
}

/** Locks the queue, so that two chats can't both be the last that may wait. @throws FoyerError `desk_closed` */
export async function checkOpen(tx: Tx, instanceId: number, departmentId: number): Promise<void> {
  await tx.queue.lock(instanceId);
  const why = await closedBecause(tx, departmentId);
  if (why !== null) throw new FoyerError('desk_closed', SAID[why], { reason: why });
}
