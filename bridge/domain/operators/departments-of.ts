import { FoyerError } from '../../shared/errors.js';
import type { Tx } from '../ports.js';
import type { Access, Membership, Operator } from './operator.js';

/** A department that an operator is to be in; what is absent stays, or is 1 and `answer` for one who is new there. */
export interface Place {
  id: number;
  priority?: number | undefined;
  access?: Access | undefined;
}

/**
 * The departments of an operator, in place of those before. The operator must be locked, or new.
 * @throws FoyerError `not_found` when there is no such department
 */
export async function setDepartments(
  tx: Tx,
  operator: Pick<Operator, 'id' | 'instanceId'>,
  places: readonly Place[],
): Promise<void> {
  const before = new Map((await tx.operators.memberships(operator.id)).map((one) => [one.departmentId, one]));
  const after = new Map<number, Membership>();
  for (const { id, priority, access } of places) {
    if (!(await tx.desks.department(operator.instanceId, id)))
      throw new FoyerError('not_found', `There is no department ${id}.`, { department: id });
    const own = before.get(id);
    after.set(id, {
      departmentId: id,
      priority: priority ?? own?.priority ?? 1,
      access: access ?? own?.access ?? 'answer',
    });
  }
  await tx.operators.setMemberships(operator.id, [...after.values()]);
}

/** Departments that an operator manages: all that it is in, for one who is a manager everywhere. */
export async function managedBy(tx: Tx, operator: Operator): Promise<number[]> {
  const own = await tx.operators.memberships(operator.id);
  return own.filter(({ access }) => operator.manager || access === 'manage').map(({ departmentId }) => departmentId);
}
