import type { Tx } from '../ports.js';

/** Random bytes of such a secret; sites sign with its text. */
export const IDENTITY_SECRET_BYTES = 32;

/**
 * Gives the site a new secret to say who its visitors are by.
 * @param keep the one before holds on too, until the next call
 * @returns how many hold now
 */
export async function renewIdentitySecret(
  tx: Tx,
  instanceId: number,
  { fresh, keep, actor }: { fresh: string; keep: boolean; actor: string },
): Promise<number> {
  const [present] = await tx.instances.identitySecrets(instanceId, 'lock');
  const secrets = keep && present !== undefined ? [fresh, present] : [fresh];
  await tx.instances.setIdentitySecrets(instanceId, secrets);
  tx.audit.add({ instanceId, actor, action: 'identity.set', subject: 'identity', details: { keep } });
  return secrets.length;
}

/** Nobody is let in as a member any more. */
export async function removeIdentitySecrets(tx: Tx, instanceId: number, actor: string): Promise<void> {
  await tx.instances.setIdentitySecrets(instanceId, []);
  tx.audit.add({ instanceId, actor, action: 'identity.remove', subject: 'identity' });
}
