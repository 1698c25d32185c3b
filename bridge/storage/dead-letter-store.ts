import type { DeadLetter, DeadLetterStore } from '../domain/outbox/dead-letter.js';
import type { OutboxEntry } from '../domain/outbox/entry.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

export const DEAD_LETTER_COLUMNS =
  'dead_letters.id, dead_letters.lane, dead_letters.target, dead_letters.instance_id, dead_letters.account_id, dead_letters.entry, ' +
  'dead_letters.attempts, dead_letters.reason, dead_letters.created_at, dead_letters.died_at';
export function toDeadLetter(row: Row): DeadLetter {
  return {
    id: row['id'],
    lane: row['lane'],
    target: row['target'],
    instanceId: row['instance_id'],
    accountId: row['account_id'],
    entry: JSON.parse(row['entry'] as string) as OutboxEntry,
    attempts: row['attempts'],
    reason: row['reason'],
    createdAt: row['created_at'],
    diedAt: row['died_at'],
  };
}

export function deadLetterStore(work: UnitOfWork): DeadLetterStore {
  return {
    async take(instanceId, id) {
      const [row] = await work.select(
        `SELECT ${DEAD_LETTER_COLUMNS} FROM dead_letters WHERE dead_letters.id = ? AND dead_letters.instance_id = ? FOR UPDATE`,
        [id, instanceId],
      );
      if (!row) return undefined;
      work.later('DELETE FROM dead_letters WHERE id = ?', [id]);
      return toDeadLetter(row);
    },
  };
}
