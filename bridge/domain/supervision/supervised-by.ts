import type { Membership, Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';

/** What somebody may do in a department beyond answering: see all that goes on in it, or change that too. */
export type Level = 'monitor' | 'manage';

/** The departments that somebody supervises, by their ids. */
export type Reach = ReadonlyMap<number, Level>;

/** Departments that an operator monitors or manages: all that it is in, for one who is a manager everywhere. */
export async function supervisedBy(tx: Tx, operator: Operator): Promise<Reach> {
  return reachOf(operator, await tx.operators.memberships(operator.id));
}

export function reachOf(
  { manager }: Pick<Operator, 'manager'>,
  memberships: readonly Pick<Membership, 'departmentId' | 'access'>[],
): Reach {
  const levels = new Map<number, Level>();
  for (const { departmentId, access } of memberships) {
    if (manager) levels.set(departmentId, 'manage');
    else if (access !== 'answer') levels.set(departmentId, access);
  }
  return levels;
}
