import type { Tx } from '../ports.js';
import type { Operator } from './operator.js';

/** Why an operator may take no chat: no manager has approved it yet, or it only watches the department. */
export type Bar = 'not_approved' | 'only_monitors';

/** @returns null when the operator may take chats of this department: also one that it isn't in */
export async function barOf(tx: Tx, operator: Operator, departmentId: number): Promise<Bar | null> {
  if (!operator.approved) return 'not_approved';
  const own = (await tx.operators.memberships(operator.id)).find((one) => one.departmentId === departmentId);
  return own?.access === 'monitor' ? 'only_monitors' : null;
}
