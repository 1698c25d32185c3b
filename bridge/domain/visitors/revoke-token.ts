import type { Tx } from '../ports.js';
import { FoyerError } from '../../shared/errors.js';

/**
 * Takes a visitor's token back: from the commit on nobody gets in with it at any process, and pages that listen with it are ended. The page may
 * begin again as a new visitor. Once more changes nothing.
 * @throws FoyerError `not_found`
 */
export async function revokeToken(tx: Tx, instanceId: number, visitorId: number, actor: string): Promise<void> {
  const visitor = await tx.visitors.lock(visitorId);
  if (visitor?.instanceId !== instanceId) throw new FoyerError('not_found', 'There is no such visitor.');
  tx.visitors.revokeToken(visitorId);
  tx.audit.add({ instanceId, actor, action: 'visitor.revoke', subject: `visitor:${visitorId}` });
}
