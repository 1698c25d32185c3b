import { FoyerError } from '../../shared/errors.js';
import { resizePool } from '../accounts/account-pool.js';
import { mailRules } from '../mail/request-mail.js';
import type { Tx } from '../ports.js';
import type { Department } from '../queue/department.js';
import { checkFollowUp } from './follow-up.js';
import type { Desk } from './instance.js';

/** @throws FoyerError `conflict` when there is one of this name */
export async function createDepartment(tx: Tx, instanceId: number, name: string): Promise<Department> {
  // The new row shares the instance's lock; who changes its settings next wants it alone, and two would wait for each other.
  await tx.queue.lock(instanceId);
  if (await tx.desks.departmentByName(instanceId, name))
    throw new FoyerError('conflict', 'There is a department of this name.');
  return tx.desks.createDepartment(instanceId, name);
}

/** @throws FoyerError `conflict` when the key is taken | `not_found` when there is no such department | `invalid_request` | `mail_disabled` */
export async function createDesk(tx: Tx, desk: Omit<Desk, 'id'>): Promise<Desk> {
  await checkDepartments(tx, desk);
  await checkKey(tx, desk.instanceId, desk.key);
  checkLeads(tx, desk);
  const made = await tx.desks.create(desk);
  await resizePool(tx, made);
  return made;
}

/** @throws FoyerError `not_found` */
export async function lockDesk(tx: Tx, instanceId: number, id: number): Promise<Desk> {
  const desk = await tx.desks.lock(instanceId, id);
  if (!desk) throw new FoyerError('not_found', 'There is no such desk.');
  return desk;
}

/**
 * What is absent stays as it is. The desk must be locked.
 * @throws FoyerError `conflict` when the key is taken | `not_found` when there is no such department | `invalid_request` | `mail_disabled`
 */
export async function changeDesk(
  tx: Tx,
  desk: Desk,
  change: { [K in keyof Omit<Desk, 'id' | 'instanceId'>]?: Desk[K] | undefined },
): Promise<Desk> {
  if (change.key !== undefined && change.key !== desk.key) await checkKey(tx, desk.instanceId, change.key);
  const changed: Desk = {
    ...desk,
    key: change.key ?? desk.key,
    name: change.name ?? desk.name,
    state: change.state ?? desk.state,
    departmentId: change.departmentId ?? desk.departmentId,
    allowedOrigins: change.allowedOrigins ?? desk.allowedOrigins,
    askRating: change.askRating ?? desk.askRating,
    preview: change.preview ?? desk.preview,
    who: change.who ?? desk.who,
    memberGroups: change.memberGroups ?? desk.memberGroups,
    keepGuestChat: change.keepGuestChat ?? desk.keepGuestChat,
    pool: change.pool === undefined ? desk.pool : change.pool,
    redirectTo: change.redirectTo ?? desk.redirectTo,
    redirectHow: change.redirectHow ?? desk.redirectHow,
    followUp: change.followUp === undefined ? desk.followUp : change.followUp,
    mailTo: change.mailTo === undefined ? desk.mailTo : change.mailTo,
    texts: change.texts ?? desk.texts,
    widget: change.widget ?? desk.widget,
  };
  checkLeads(tx, change);
  await checkDepartments(tx, changed);
  await tx.desks.update(changed);
  await resizePool(tx, changed);
  return changed;
}

/** What the desk leads to: a page, and mail to its address. */
function checkLeads(
  tx: Tx,
  { followUp, mailTo }: { followUp?: string | null | undefined; mailTo?: string | null | undefined },
): void {
  if (followUp != null) checkFollowUp(followUp);
  if (mailTo != null) mailRules(tx);
}

/** The one that answers, and those that topics stand for. */
async function checkDepartments(tx: Tx, desk: Omit<Desk, 'id'>): Promise<void> {
  const topics = desk.widget.questions.flatMap(({ choices }) => choices.map(({ departmentId }) => departmentId));
  for (const id of new Set([desk.departmentId, ...topics]))
    if (id !== null && !(await tx.desks.department(desk.instanceId, id)))
      throw new FoyerError('not_found', `There is no department ${id}.`, { department: id });
}

async function checkKey(tx: Tx, instanceId: number, key: string): Promise<void> {
  if (await tx.instances.deskByKey(instanceId, key)) throw new FoyerError('conflict', 'There is a desk of this key.');
}
