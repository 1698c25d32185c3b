import { FoyerError } from '../../shared/errors.js';
import type { Desk } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import { closedBecause } from '../queue/opening.js';
import { NOTHING_KNOWN } from '../routing/facts.js';
import { decide, type Rule, type VisitorFacts } from '../routing/rule.js';
import { isOpen, nextChange } from './hours.js';

/** Who would answer a chat that begins now, and whether it may begin. */
export interface Admission {
  departmentId: number;
  open: boolean;
  /** When it will be open, as far as the hours say. */
  opensAt: Date | null;
}

/** As it stands at this moment. Without facts it is about somebody of whom nothing is known. */
export async function admissionOf(tx: Tx, desk: Desk, facts: VisitorFacts = NOTHING_KNOWN): Promise<Admission> {
  const { departmentId } = decide(await tx.routing.rules(desk.instanceId), facts, desk.departmentId);
  return departmentAdmission(tx, desk, departmentId);
}

/** The same where the department is known. */
export async function departmentAdmission(tx: Tx, desk: Desk, departmentId: number): Promise<Admission> {
  if (desk.state !== 'active') return { departmentId, open: false, opensAt: null };
  const { opening } = await tx.queue.department(departmentId);
  // By hand it is open or closed whatever the hours say, until it is by the rules again.
  const hours = opening === 'auto' ? await tx.hours.ofDepartment(departmentId) : undefined;
  if (!hours || isOpen(hours, tx.now))
    return { departmentId, open: (await closedBecause(tx, departmentId)) === null, opensAt: null };
  return { departmentId, open: false, opensAt: nextChange(hours, tx.now) };
}

/**
 * @returns the department that answers, and the rule that says so
 * @throws FoyerError `desk_inactive` | `desk_closed`, with `opens_at` where the hours say so
 */
export async function admit(
  tx: Tx,
  desk: Desk,
  facts: VisitorFacts,
): Promise<{ departmentId: number; rule: Rule | null }> {
  if (desk.state !== 'active') throw new FoyerError('desk_inactive', 'This desk is out of use.');
  const { departmentId, rule } = decide(await tx.routing.rules(desk.instanceId), facts, desk.departmentId);
  const { open, opensAt } = await departmentAdmission(tx, desk, departmentId);
  if (open) return { departmentId, rule };
  const reason = await closedBecause(tx, departmentId);
  const opens = opensAt === null ? {} : { opens_at: opensAt.toISOString() };
  throw new FoyerError('desk_closed', 'This desk takes no chats now; a message can be left.', {
    ...opens,
    ...(reason === null ? {} : { reason }),
  });
}
