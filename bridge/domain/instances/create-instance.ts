import { FoyerError } from '../../shared/errors.js';
import { isInstanceName } from '../accounts/jid-names.js';
import type { Tx } from '../ports.js';
import type { Instance } from './instance.js';

export interface CreateInstance {
  /** Part of its accounts' names: `[a-z][a-z0-9-]*`, 32 characters at most, not `chat`. */
  name: string;
  displayName: string;
  /** ejabberd virtual host of its accounts. */
  host: string;
}

/** @throws FoyerError `invalid_request` | `conflict` when there is one of this name */
export async function createInstance(tx: Tx, wanted: CreateInstance): Promise<Instance> {
  if (!isInstanceName(wanted.name)) {
    throw new FoyerError(
      'invalid_request',
      'An instance’s name has a to z, 0 to 9 and hyphens, begins with a letter, has 32 characters at most and isn’t “chat”.',
    );
  }
  if (await tx.instances.byName(wanted.name))
    throw new FoyerError('conflict', `There is an instance “${wanted.name}” already.`);
  return tx.instances.create(wanted);
}
