import { decodeJwt } from 'jose';
import { startSessionBySite, type HashSecret } from '../../domain/operators/page-session.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import { FoyerError } from '../../shared/errors.js';
import { verifyIdentity } from '../visitor-api/identity.js';

/** No visitor's identity is for this: a desk's key holds no such sign. */
const AUDIENCE = /^([a-z0-9-]{1,63})#supervisors$/;

/**
 * By a site's word on which of its people is which operator: a JWT like a visitor's, with `sub` the operator's user name and `aud` the instance and
 * `#supervisors`. It counts once.
 * @throws FoyerError `identity_invalid`
 */
export async function signInBySite(tx: Tx, hash: HashSecret, identity: string, secret: string): Promise<Operator> {
  const audience = audienceOf(identity);
  const name = AUDIENCE.exec(audience)?.[1];
  const instance = name === undefined ? undefined : await tx.instances.byName(name);
  if (instance?.state !== 'active')
    throw new FoyerError('identity_invalid', 'aud must be an instance and #supervisors.', { reason: 'audience' });
  const { externalId: username } = await verifyIdentity(identity, {
    ...{ secrets: await tx.instances.identitySecrets(instance.id), audience: [audience] },
    ...{ now: tx.now, goesOn: false },
  });
  // The signature can be written in more than one way, what is signed can't.
  const word = hash(identity.slice(0, identity.lastIndexOf('.')));
  return startSessionBySite(tx, 'supervisor', { instance, username, word }, hash(secret));
}

/** What it says that it is for; nothing of it is believed yet. */
function audienceOf(identity: string): string {
  try {
    const { aud } = decodeJwt(identity);
    return typeof aud === 'string' ? aud : '';
  } catch {
    return '';
  }
}
