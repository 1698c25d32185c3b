import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { supervisedBy } from './supervised-by.js';

/** By the operator's access at this moment. */
export async function maySupervise(tx: Tx, operator: Operator, departmentId: number): Promise<boolean> {
  return (await supervisedBy(tx, operator)).has(departmentId);
}

/** Who manages the department, or also who monitors it where that is set. */
export async function mayTakeOver(tx: Tx, operator: Operator, departmentId: number): Promise<boolean> {
  if (!operator.approved) return false;
  const level = (await supervisedBy(tx, operator)).get(departmentId);
  if (level !== 'monitor') return level === 'manage';
  return (await tx.queue.department(departmentId)).monitorsTakeOver;
}
