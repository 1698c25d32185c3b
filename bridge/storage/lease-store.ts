import type { LeaseStore } from '../cluster/ports.js';
import { run, type Pool } from './pool.js';

export function createLeaseStore(pool: Pool): LeaseStore {
  return {
    async take(name, processId, ttlSeconds, everySeconds) {
      await run(pool, "INSERT IGNORE INTO leases (name, process_id, expires_at) VALUES (?, 0, '2000-01-01')", [name]);
      const { affectedRows } = await run(
        pool,
        `UPDATE leases SET process_id = ?, expires_at = NOW(3) + INTERVAL ? SECOND
          WHERE name = ? AND expires_at < NOW(3) AND (last_done_at IS NULL OR last_done_at <= NOW(3) - INTERVAL ? SECOND)`,
        [processId, ttlSeconds, name, everySeconds],
      );
      return affectedRows === 1;
    },
    async done(name, processId) {
      await run(
        pool,
        'UPDATE leases SET last_done_at = NOW(3), expires_at = NOW(3) WHERE name = ? AND process_id = ?',
        [name, processId],
      );
    },
  };
}
