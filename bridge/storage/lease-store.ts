import type { LeaseStore } from '../cluster/ports.js';
import { rows, run, type Pool } from './pool.js';

export function createLeaseStore(pool: Pool): LeaseStore {
  const giveBack = (what: string, name: string, processId: number) =>
    run(pool, `UPDATE leases SET process_id = 0, expires_at = NOW(3), ${what} WHERE name = ? AND process_id = ?`, [
      name,
      processId,
    ]);
  return {
    async take(name, processId, ttlSeconds, sinceSeconds) {
      await run(pool, "INSERT IGNORE INTO leases (name, process_id, expires_at) VALUES (?, 0, '2000-01-01')", [name]);
      // Counted from the beginning: a run that takes a while must not push the next one to the tick after the next.
      const { affectedRows } = await run(
        pool,
        `UPDATE leases SET process_id = ?, begun_at = NOW(3), expires_at = NOW(3) + INTERVAL ? SECOND
          WHERE name = ? AND (process_id = 0 OR expires_at <= NOW(3))
            AND (begun_at IS NULL OR begun_at <= NOW(3) - INTERVAL ? MICROSECOND)`,
        [processId, ttlSeconds, name, Math.round(sinceSeconds * 1_000_000)],
      );
      return affectedRows === 1;
    },
    async done(name, processId) {
      await giveBack('last_done_at = NOW(3)', name, processId);
    },
    async failed(name, processId) {
      await giveBack('begun_at = NULL', name, processId);
    },
  };
}

/** Seconds since the work under each lease last ended well, by the database's clock; a lease of which it never did isn't there. */
export async function readDoneAges(pool: Pool): Promise<Map<string, number>> {
  const found = await rows(
    pool,
    `SELECT leases.name, TIMESTAMPDIFF(MICROSECOND, leases.last_done_at, NOW(3)) AS micros
       FROM leases WHERE leases.last_done_at IS NOT NULL`,
  );
  return new Map(found.map((row) => [row['name'] as string, Math.max(0, Number(row['micros']) / 1e6)]));
}

/** A lease as people see it. */
export interface LeaseView {
  name: string;
  lastDoneAt: Date | null;
  /** The process that holds it now. */
  holder: string | null;
}

export async function readLeases(pool: Pool): Promise<LeaseView[]> {
  const found = await rows(
    pool,
    `SELECT leases.name, leases.last_done_at, processes.name AS holder
       FROM leases LEFT JOIN processes ON processes.id = leases.process_id AND leases.expires_at > NOW(3)`,
  );
  return found.map((row) => ({ name: row['name'], lastDoneAt: row['last_done_at'], holder: row['holder'] }));
}
