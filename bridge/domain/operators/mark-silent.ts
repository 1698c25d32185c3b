import type { Transactions } from '../ports.js';
import type { Upkeep } from '../upkeep.js';
import { recordPresence } from './record-presence.js';

/** Three of mod_foyer's snapshots that didn't come: ejabberd, or the way from it, is down. */
export const SILENT_SECONDS = 200;
const AT_ONCE = 500;

/** Operators of whom nothing was heard for long count as offline, until mod_foyer speaks again. */
export async function markSilentOperators(upkeep: Upkeep, transactions: Transactions): Promise<number> {
  const silent = await upkeep.stalePresence(SILENT_SECONDS, AT_ONCE);
  for (const id of silent) {
    await transactions.alone(async (tx) => {
      const operator = await tx.operators.get(id);
      if (operator)
        await recordPresence(tx, operator, { show: 'offline', status: '', priority: 0, resources: 0 }, null);
    });
  }
  return silent.length;
}
