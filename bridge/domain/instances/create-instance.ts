import { FoyerError } from '../../shared/errors.js';
import { isInstanceName } from '../accounts/jid-names.js';
import type { Tx } from '../ports.js';
import type { Instance, InstanceChange } from './instance.js';

export interface CreateInstance extends Omit<InstanceChange, 'displayName'> {
  /** Part of its accounts' names: `[a-z][a-z0-9-]*`, 32 characters at most, not `chat`. */
  name: string;
  displayName: string;
  /** ejabberd virtual host of its accounts. */
  host: string;
}

/**
 * @param hosts ejabberd's virtual hosts that this bridge serves
 * @throws FoyerError `invalid_request` | `conflict` when there is or was one of this name, or an operator's account is called so
 */
export async function createInstance(tx: Tx, hosts: readonly string[], wanted: CreateInstance): Promise<Instance> {
  const { name, displayName, host, ...more } = wanted;
  if (!isInstanceName(name)) {
    throw new FoyerError(
      'invalid_request',
      'An instance’s name has a to z, 0 to 9 and hyphens, begins with a letter, has 32 characters at most and isn’t “chat”.',
    );
  }
  if (!hosts.includes(host))
    throw new FoyerError(
      'invalid_request',
      `This bridge doesn’t serve the host ${host}: it serves ${hosts.join(', ')}.`,
    );
  const before = await tx.instances.byName(name);
  if (before?.state === 'destroyed')
    throw new FoyerError('conflict', `There was an instance “${name}”: its addresses must not come to mean another’s.`);
  if (before) throw new FoyerError('conflict', `There is an instance “${name}” already.`);
  const other = await tx.instances.accountNamed(name);
  if (other !== undefined)
    throw new FoyerError('conflict', `The account ${other} would seem to be of the instance “${name}”.`);
  const { id } = await tx.instances.create({ name, displayName, host });
  await tx.instances.configure(id, more);
  return tx.instances.get(id);
}
