import { FoyerError } from '../../shared/errors.js';
import { releaseChats } from '../chats/release-chats.js';
import { checkActive } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import { tellByService } from '../chats/notify-operator.js';
import { checkRoom } from './create-operator.js';
import { setDepartments, type Place } from './departments-of.js';
import type { Operator } from './operator.js';
import { recordPresence } from './record-presence.js';

export interface OperatorChange {
  name?: string | undefined;
  maxChats?: number | undefined;
  paused?: boolean | undefined;
  offDuty?: boolean | undefined;
  manager?: boolean | undefined;
  language?: string | undefined;
  skills?: readonly string[] | undefined;
  speaks?: readonly string[] | undefined;
  preview?: boolean | undefined;
  approved?: boolean | undefined;
  departments?: readonly Place[] | undefined;
  disabled?: boolean | undefined;
}

/** @throws FoyerError `not_found` */
export async function lockOperator(tx: Tx, instanceId: number, id: number): Promise<Operator> {
  const operator = await tx.operators.lock(instanceId, id);
  if (!operator) throw new FoyerError('not_found', 'There is no such operator.');
  return operator;
}

/**
 * What is absent stays as it is. Disabling takes the account away from ejabberd and gives the operator's chats back to
 * the queue; enabling makes the account again, with the password that it had. The operator must be locked.
 * @throws FoyerError `not_found` when there is no such department | `limit_reached` | `instance_suspended`
 */
export async function changeOperator(tx: Tx, operator: Operator, change: OperatorChange): Promise<Operator> {
  const changed: Operator = {
    ...operator,
    name: change.name ?? operator.name,
    maxChats: change.maxChats ?? operator.maxChats,
    paused: change.paused ?? operator.paused,
    offDuty: change.offDuty ?? operator.offDuty,
    manager: change.manager ?? operator.manager,
    language: change.language ?? operator.language,
    skills: change.skills ?? operator.skills,
    speaks: change.speaks ?? operator.speaks,
    preview: change.preview ?? operator.preview,
    approved: change.approved ?? operator.approved,
    disabled: change.disabled ?? operator.disabled,
  };
  if (change.departments !== undefined) await setDepartments(tx, operator, change.departments);
  if (!changed.disabled && operator.disabled) await checkEnabled(tx, operator);
  await tx.operators.update(changed);
  tx.queue.wake(operator.instanceId);
  if (changed.approved !== operator.approved && !changed.disabled)
    await tellByService(tx, changed, { key: changed.approved ? 'approved' : 'not_approved' });
  const account = { id: operator.accountId, instanceId: operator.instanceId };
  if (changed.name !== operator.name) {
    tx.accounts.setName(account.id, changed.name);
    if (!changed.disabled && !operator.disabled)
      tx.outbox.toAccount(account, { kind: 'account.rename', name: changed.name });
  }
  if (changed.disabled && !operator.disabled) {
    await recordPresence(tx, changed, { show: 'offline', status: '', priority: 0, resources: 0 }, null);
    await releaseChats(tx, changed);
    tx.accounts.setState(account.id, 'removing');
    tx.outbox.toAccount(account, { kind: 'account.remove' });
  } else if (!changed.disabled && operator.disabled) {
    tx.accounts.setState(account.id, 'wanted');
    tx.outbox.toAccount(account, { kind: 'account.provision' });
  }
  return changed;
}

async function checkEnabled(tx: Tx, { instanceId }: Operator): Promise<void> {
  const instance = await tx.instances.get(instanceId);
  checkActive(instance);
  await checkRoom(tx, instance);
}

/**
 * The account gets the new password on ejabberd soon after.
 * @throws FoyerError `conflict` when the operator is disabled | `instance_suspended`
 */
export async function setOperatorPassword(tx: Tx, operator: Operator, password: string): Promise<void> {
  checkActive(await tx.instances.get(operator.instanceId));
  if (operator.disabled) throw new FoyerError('conflict', 'This operator is disabled.');
  tx.accounts.setPassword(operator.accountId, password);
  tx.outbox.toAccount({ id: operator.accountId, instanceId: operator.instanceId }, { kind: 'account.provision' });
}
