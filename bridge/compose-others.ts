import { RevokedByOthers } from './cluster/revoked-by-others.js';
import { WakeByOthers } from './cluster/wake-others.js';
import type { Core } from './compose.js';
import { readPositions } from './storage/process-store.js';
import { revokedSince } from './storage/visitor-store.js';

/**
 * Has the pages that listen here hear of what is committed elsewhere.
 * @param others whether there is another process
 * @returns ends it
 */
export function hearOthers({ pool, wake, clock }: Core, others: () => boolean): () => void {
  const commits = new WakeByOthers((ids) => readPositions(pool, ids), wake, others);
  // Commands are no process that anybody counts, so this one looks also when it seems to be alone.
  const revoked = new RevokedByOthers((seconds) => revokedSince(pool, seconds), wake, clock);
  commits.start();
  revoked.start();
  return () => {
    commits.stop();
    revoked.stop();
  };
}
