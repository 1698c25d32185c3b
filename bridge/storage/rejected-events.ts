import { rows, type Pool } from './pool.js';

/** An event of mod_foyer that could not be used. */
export interface RejectedEvent {
  id: string;
  code: string;
  reason: string;
  event: Readonly<Record<string, unknown>>;
  receivedAt: Date;
}

/** Newest first, at most `limit`. */
export async function listRejected(pool: Pool, limit: number): Promise<RejectedEvent[]> {
  const found = await rows(
    pool,
    `SELECT rejected_events.id, rejected_events.code, rejected_events.reason, rejected_events.event, rejected_events.received_at
       FROM rejected_events ORDER BY rejected_events.received_at DESC, rejected_events.id LIMIT ?`,
    [limit],
  );
  return found.map((row) => ({
    id: row['id'],
    code: row['code'],
    reason: row['reason'],
    event: JSON.parse(row['event'] as string) as RejectedEvent['event'],
    receivedAt: row['received_at'],
  }));
}
