import { FoyerError } from '../../shared/errors.js';
import { rosterGroup } from '../accounts/jid-names.js';
import type { Instance } from '../instances/instance.js';
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
 * department
 */
export async function createOperator(
  tx: Tx,
  instance: Instance,
  reserved: ReadonlySet<string>,
  wanted: CreateOperator,
): Promise<Operator> {
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
  return operator;
}
