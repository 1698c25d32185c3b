import type { DueEntry, HelpdeskEntry } from './entry.js';

/**
 * What a callback is called over all its tries, also after a person has sent a dead one again. The time is part of it
 * because numbers begin anew with a new database, and a helpdesk that remembers `foyer_1` would take the new first
 * callback for a repeat.
 */
export function webhookId(
  { id, createdAt }: Pick<DueEntry, 'id' | 'createdAt'>,
  entry: Pick<HelpdeskEntry, 'webhookId'>,
): string {
  return entry.webhookId ?? `foyer_${id}_${createdAt.getTime().toString(36)}`;
}
