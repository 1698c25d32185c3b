import { AT_MOST, type OperatorSessionStore } from '../domain/operators/page-session.js';
import type { PageOperator, PageSessions } from '../domain/reads.js';
import { hashSecret } from './credentials.js';
import { readRows, type Pool } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

export function operatorSessionStore(work: UnitOfWork): OperatorSessionStore {
  return {
    async create({ id, instanceId }, kind, hash, seconds) {
      const made = await work.insert(
        `INSERT INTO operator_sessions (instance_id, operator_id, kind, secret_hash, created_at, expires_at)
         VALUES (?, ?, ?, ?, NOW(3), NOW(3) + INTERVAL ? SECOND)`,
        [instanceId, id, kind, hash, seconds],
      );
      const rows = await work.select(
        `SELECT operator_sessions.id, operator_sessions.expires_at FROM operator_sessions
          WHERE operator_sessions.operator_id = ? AND operator_sessions.kind = ? ORDER BY operator_sessions.id DESC LIMIT ?`,
        [id, kind, AT_MOST],
      );
      if (rows.length === AT_MOST)
        work.later('DELETE FROM operator_sessions WHERE operator_id = ? AND kind = ? AND id < ?', [
          ...[id, kind, rows.at(-1)?.['id']],
        ]);
      return rows.find((row) => row['id'] === made)?.['expires_at'] as Date;
    },
    async takeLink(hash) {
      const [row] = await work.select(
        `SELECT operator_sessions.id, operator_sessions.instance_id, operator_sessions.operator_id FROM operator_sessions
          WHERE operator_sessions.secret_hash = ? AND operator_sessions.kind = 'link' AND operator_sessions.expires_at > NOW(3) FOR UPDATE`,
        [hash],
      );
      if (!row) return undefined;
      work.later('DELETE FROM operator_sessions WHERE id = ?', [row['id']]);
      return { instanceId: row['instance_id'] as number, operatorId: row['operator_id'] as number };
    },
    end: (hash) => work.later('DELETE FROM operator_sessions WHERE secret_hash = ?', [hash]),
  };
}

export function createPageSessions(pool: Pool): PageSessions {
  return {
    async operator(secret) {
      const [row] = await readRows(
        pool,
        `SELECT operators.id, operators.instance_id, operators.name, operators.language, accounts.local, accounts.host
           FROM operator_sessions JOIN operators ON operators.id = operator_sessions.operator_id
           JOIN accounts ON accounts.id = operators.account_id
           JOIN instances ON instances.id = operators.instance_id AND instances.state = 'active'
          WHERE operator_sessions.secret_hash = ? AND operator_sessions.kind = 'session'
            AND operator_sessions.expires_at > NOW(3) AND operators.disabled_at IS NULL`,
        [hashSecret(secret)],
      );
      if (!row) return null;
      return {
        ...{ operatorId: row['id'] as number, instanceId: row['instance_id'] as number },
        ...{ name: row['name'] as string, language: row['language'] as string },
        jid: `${row['local'] as string}@${row['host'] as string}`,
      } satisfies PageOperator;
    },
  };
}
