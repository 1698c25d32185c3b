import { FoyerError } from '../../shared/errors.js';
import type { HostingStore } from './hosting.js';
import { MAIN_INSTANCE, type Instance, type InstanceChange } from './instance.js';
import { notifyOperator, type Reader } from '../chats/notify-operator.js';
import type { Tx } from '../ports.js';

/** Reads the operators of an instance. */
export type OperatorsOf = (instanceId: number) => Promise<readonly Reader[]>;

/** @throws FoyerError `not_found` when there is none of this name, or none any more */
export async function lockInstance(tx: Tx, name: string): Promise<Instance> {
  const instance = await tx.instances.lockByName(name);
  if (!instance || instance.state === 'destroyed') throw new FoyerError('not_found', `There is no instance “${name}”.`);
  return instance;
}

/** What is absent stays. @throws FoyerError `not_found` */
export async function configureInstance(
  tx: Tx,
  actor: string,
  name: string,
  change: InstanceChange,
): Promise<Instance> {
  const instance = await lockInstance(tx, name);
  await tx.instances.configure(instance.id, change);
  audit(tx, instance, actor, 'instance.change', { ...change });
  return instance;
}

/**
 * Nobody comes in any more: doors refuse, open chats are closed and visitors taken offline by the job `hosting`, operators are told by the service account and
 * can't log in a few seconds later. Everything is kept. Once more changes nothing.
 * @throws FoyerError `not_found` | `conflict` when it is being destroyed
 */
export async function suspendInstance(
  tx: Tx,
  { actor, name, operatorsOf }: { actor: string; name: string; operatorsOf: OperatorsOf },
): Promise<Instance> {
  const instance = await lockInstance(tx, name);
  if (instance.state === 'suspended') return instance;
  if (instance.state !== 'active') throw new FoyerError('conflict', 'This instance is being destroyed.');
  await tx.instances.setState(instance.id, 'suspended', false);
  const service = await tx.accounts.service(instance.host);
  const told = service ? await operatorsOf(instance.id) : [];
  for (const operator of told) if (service) notifyOperator(tx, service, operator, { key: 'suspended' });
  audit(tx, instance, actor, 'instance.suspend');
  return { ...instance, state: 'suspended' };
}

/**
 * Everybody may come in again; operators with the password that they had. Once more changes nothing.
 * @throws FoyerError `not_found` | `conflict` when it is being destroyed
 */
export async function resumeInstance(
  tx: Tx,
  { actor, name, hosting }: { actor: string; name: string; hosting: Pick<HostingStore, 'lockedAccounts'> },
): Promise<Instance> {
  const instance = await lockInstance(tx, name);
  if (instance.state === 'active') return instance;
  if (instance.state !== 'suspended') throw new FoyerError('conflict', 'This instance is being destroyed.');
  await tx.instances.setState(instance.id, 'active', true);
  // Whoever locks accounts does it under the instance's lock: all that there are were committed before.
  for (const account of await hosting.lockedAccounts(instance.id)) {
    tx.accounts.setState(account.id, 'wanted');
    tx.outbox.toAccount(account, { kind: 'account.provision' });
  }
  audit(tx, instance, actor, 'instance.resume');
  return { ...instance, state: 'active' };
}

/**
 * Begins to remove all of a suspended instance: accounts, roster groups, archives, rows. The job `hosting` does it, and goes on where it was ended. There is no
 * way back. Once more changes nothing.
 * @param repeated its name again, so that no other is meant
 * @throws FoyerError `not_found` | `invalid_request` | `conflict` when it isn't suspended
 */
export async function destroyInstance(tx: Tx, actor: string, name: string, repeated: string): Promise<Instance> {
  if (name === MAIN_INSTANCE)
    throw new FoyerError('conflict', 'The instance main has the service accounts, and stays.');
  if (repeated !== name) throw new FoyerError('invalid_request', 'name: must be the instance’s name once more.');
  const instance = await lockInstance(tx, name);
  if (instance.state === 'destroying') return instance;
  if (instance.state !== 'suspended') throw new FoyerError('conflict', 'Only a suspended instance can be destroyed.');
  await tx.instances.setState(instance.id, 'destroying', false);
  await tx.instances.setCallback(instance.id, null, []);
  audit(tx, instance, actor, 'instance.destroy', { name });
  return { ...instance, state: 'destroying' };
}

function audit(tx: Tx, { id }: Instance, actor: string, action: string, details: Record<string, unknown> = {}): void {
  tx.audit.add({ instanceId: id, actor, action, subject: `instance:${id}`, details });
}
