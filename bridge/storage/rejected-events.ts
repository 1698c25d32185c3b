import type { RejectedEvent } from '../domain/rejected-event.js';
import { rows, type Pool } from './pool.js';

/**
 * Newest first, at most `limit`.
 * @param instanceId null: of all, and those that are nobody's
 * @param before id of an event: only those behind it
 */
export async function listRejected(
  pool: Pool,
  { instanceId, before, limit }: { instanceId: number | null; before?: string | undefined; limit: number },
): Promise<RejectedEvent[]> {
  const behind = `(SELECT shown.received_at FROM rejected_events AS shown WHERE shown.id = ?)`;
  const found = await rows(
    pool,
    `SELECT rejected_events.id, rejected_events.code, rejected_events.reason, rejected_events.event, rejected_events.received_at, instances.name
       FROM rejected_events LEFT JOIN instances ON instances.id = rejected_events.instance_id
      WHERE ${instanceId === null ? 'TRUE' : 'rejected_events.instance_id = ?'}
        ${before === undefined ? '' : `AND (rejected_events.received_at < ${behind} OR (rejected_events.received_at = ${behind} AND rejected_events.id > ?))`}
      ORDER BY rejected_events.received_at DESC, rejected_events.id LIMIT ?`,
    [...(instanceId === null ? [] : [instanceId]), ...(before === undefined ? [] : [before, before, before]), limit],
  );
  return found.map((row) => ({
    id: row['id'],
    instanceName: row['name'],
    code: row['code'],
    reason: row['reason'],
    event: JSON.parse(row['event'] as string) as RejectedEvent['event'],
    receivedAt: row['received_at'],
  }));
}
