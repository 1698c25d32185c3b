import { FoyerError } from '../../shared/errors.js';
import { rosterGroup } from '../accounts/jid-names.js';
import { checkActive, type Instance } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import { setDepartments } from './departments-of.js';
import type { Operator } from './operator.js';
import { operatorLocalFor } from './operator-name.js';

export interface CreateOperator {
  /** What the operator logs in with, without the host. */
  username: string;
  /** What visitors and colleagues read. */
  name: string;
  password: string;
  maxChats: number;
  departmentIds: readonly number[];
  /** False: nothing is offered until a manager approves. */
  approved?: boolean | undefined;
}

/**
 * Registers an operator; its account appears on ejabberd soon after.
 * @throws FoyerError `invalid_request` | `conflict` when the name is taken | `not_found` when there is no such
 * department | `limit_reached` | `instance_suspended`
 */
export async function createOperator(
  tx: Tx,
  instance: Instance,
  reserved: ReadonlySet<string>,
  wanted: CreateOperator,
): Promise<Operator> {
  checkActive(instance);
  await checkRoom(tx, instance);
  const local = await operatorLocalFor(tx, instance, wanted.username, reserved);
  const taken = await tx.accounts.byJid(instance.host, local);
  if (taken)
    throw new FoyerError(
      'conflict',
      'There is or was an account of this name. An operator who was removed can be enabled again.',
    );
  const account = await tx.accounts.create({
    instanceId: instance.id,
    kind: 'operator',
    local,
    host: instance.host,
    name: wanted.name,
    rosterGroup: rosterGroup('operators', instance.name),
    password: wanted.password,
  });
  const operator = await tx.operators.create({
    instanceId: instance.id,
    accountId: account.id,
    name: wanted.name,
    jid: `${local}@${instance.host}`,
    maxChats: wanted.maxChats,
    approved: wanted.approved ?? true,
  });
  await setDepartments(
    tx,
    operator,
    wanted.departmentIds.map((id) => ({ id })),
  );
  tx.outbox.toAccount(account, { kind: 'account.provision' });
  if (instance.language === operator.language) return operator;
  const speaking = { ...operator, language: instance.language };
  await tx.operators.update(speaking);
  return speaking;
}

/** @throws FoyerError `limit_reached` when the instance has as many operators as it may */
export async function checkRoom(tx: Tx, { id, name, limits }: Instance): Promise<void> {
  if (limits.operators === null) return;
  // Two at once must not both be the last.
  await tx.instances.lockByName(name);
  if ((await tx.instances.count(id, 'operators', limits.operators)) >= limits.operators)
    throw new FoyerError('limit_reached', `The instance may have ${limits.operators} operators.`);
}
