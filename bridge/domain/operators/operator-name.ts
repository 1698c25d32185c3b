import { FoyerError } from '../../shared/errors.js';
import { operatorLocal } from '../accounts/jid-names.js';
import { MAIN_INSTANCE, type Instance } from '../instances/instance.js';
import type { Tx } from '../ports.js';

/** Same before and after nodeprep (RFC 7613), so that ejabberd and the database call an operator the same. */
export const OPERATOR_NAME = /^[a-z0-9][a-z0-9._-]{0,60}$/;
const VISITORS = 'visitor.';

/**
 * The localpart that a new operator of this name gets.
 * @param reserved names on ejabberd that are somebody else's: an operator of that name would be given their password
 * @throws FoyerError `invalid_request` when the name can't be used at all
 */
export async function operatorLocalFor(
  tx: Tx,
  instance: Instance,
  name: string,
  reserved: ReadonlySet<string>,
): Promise<string> {
  if (!OPERATOR_NAME.test(name))
    throw refused('must be 1 to 61 of a-z, 0-9, dot, hyphen and underscore, beginning with a letter or digit');
  const local = operatorLocal(name, instance.name);
  if (local.startsWith(VISITORS)) throw refused(`must not begin with ${VISITORS}: that is how visitors are called`);
  if (reserved.has(local)) throw refused('is reserved');
  const suffix = name.slice(name.lastIndexOf('.') + 1);
  // anna.shop in main would be the same account as anna in the instance shop.
  if (instance.name === MAIN_INSTANCE && suffix !== name && (await tx.instances.byName(suffix)))
    throw refused('must not end in the name of an instance');
  return local;
}

function refused(why: string): FoyerError {
  return new FoyerError('invalid_request', `username: ${why}.`, {
    issues: [{ in: 'body', path: 'username', message: why }],
  });
}
