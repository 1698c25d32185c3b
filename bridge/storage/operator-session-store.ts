import {
  AT_MOST,
  newSessionSecret,
  type OperatorSessionStore,
  type StaffPage,
} from '../domain/operators/page-session.js';
import type { Access } from '../domain/operators/operator.js';
import type { PageOperator, PageSessions } from '../domain/reads.js';
import { reachOf } from '../domain/supervision/supervised-by.js';
import { hashSecret } from './credentials.js';
import { readRows, type Pool, type Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

interface NewRow {
  operator: { id: number; instanceId: number };
  page: StaffPage;
  kind: 'link' | 'session';
  hash: Buffer;
  seconds: number;
}

export function operatorSessionStore(work: UnitOfWork): OperatorSessionStore {
  return {
    async createLink(operator, page, seconds) {
      const secret = newSessionSecret(work.deps.ids);
      const expiresAt = await create(work, { operator, page, kind: 'link', hash: hashSecret(secret), seconds });
      return { url: `${work.deps.publicUrl}/${page}#${secret}`, expiresAt };
    },
    async createSession(operator, page, hash, seconds) {
      await create(work, { operator, page, kind: 'session', hash, seconds });
    },
    async takeLink(page, hash) {
      const [row] = await work.select(
        `SELECT operator_sessions.id, operator_sessions.instance_id, operator_sessions.operator_id FROM operator_sessions
          WHERE operator_sessions.secret_hash = ? AND operator_sessions.page = ? AND operator_sessions.kind = 'link'
            AND operator_sessions.expires_at > NOW(3) FOR UPDATE`,
        [hash, page],
      );
      if (!row) return undefined;
      work.later('DELETE FROM operator_sessions WHERE id = ?', [row['id']]);
      return { instanceId: row['instance_id'] as number, operatorId: row['operator_id'] as number };
    },
    end: (hash) => work.later('DELETE FROM operator_sessions WHERE secret_hash = ?', [hash]),
  };
}

/** @returns until when it holds */
async function create(work: UnitOfWork, { operator, page, kind, hash, seconds }: NewRow): Promise<Date> {
  const made = await work.insert(
    `INSERT INTO operator_sessions (instance_id, operator_id, page, kind, secret_hash, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, NOW(3), NOW(3) + INTERVAL ? SECOND)`,
    [operator.instanceId, operator.id, page, kind, hash, seconds],
  );
  const of = [operator.id, page, kind];
  const rows = await work.select(
    `SELECT operator_sessions.id, operator_sessions.expires_at FROM operator_sessions
      WHERE operator_sessions.operator_id = ? AND operator_sessions.page = ? AND operator_sessions.kind = ?
      ORDER BY operator_sessions.id DESC LIMIT ?`,
    [...of, AT_MOST],
  );
  if (rows.length === AT_MOST)
    work.later('DELETE FROM operator_sessions WHERE operator_id = ? AND page = ? AND kind = ? AND id < ?', [
      ...[...of, rows.at(-1)?.['id']],
    ]);
  return rows.find((row) => row['id'] === made)?.['expires_at'] as Date;
}

export function createPageSessions(pool: Pool): PageSessions {
  /** Of those that hold: one line for each department of the operator. */
  const read = (page: StaffPage, secrets: readonly Buffer[]): Promise<Row[]> =>
    readRows(
      pool,
      `SELECT operator_sessions.secret_hash, operators.id, operators.instance_id, operators.name, operators.language, operators.manager,
              accounts.local, accounts.host, operator_departments.department_id, operator_departments.access
         FROM operator_sessions JOIN operators ON operators.id = operator_sessions.operator_id
         JOIN accounts ON accounts.id = operators.account_id
         JOIN instances ON instances.id = operators.instance_id AND instances.state = 'active'
         LEFT JOIN operator_departments ON operator_departments.operator_id = operators.id
        WHERE operator_sessions.secret_hash IN (?) AND operator_sessions.page = ? AND operator_sessions.kind = 'session'
          AND operator_sessions.expires_at > NOW(3) AND operators.disabled_at IS NULL`,
      [secrets, page],
    );
  return {
    async operator(secret) {
      const [row] = await read('operator', [hashSecret(secret)]);
      return row ? toPageOperator(row) : null;
    },
    async supervisors(hashes) {
      const bySession = new Map<string, Row[]>();
      for (const row of hashes.length === 0 ? [] : await read('supervisor', hashes)) {
        const session = (row['secret_hash'] as Buffer).toString('base64');
        bySession.set(session, [...(bySession.get(session) ?? []), row]);
      }
      return hashes.map((hash) => {
        const lines = bySession.get(hash.toString('base64')) ?? [];
        const reach = reachOf({ manager: lines[0]?.['manager'] === 1 }, lines.flatMap(toMembership));
        const [first] = lines;
        return first && reach.size > 0 ? { ...toPageOperator(first), session: hash, reach } : null;
      });
    },
  };
}

function toPageOperator(row: Row): PageOperator {
  return {
    ...{ operatorId: row['id'] as number, instanceId: row['instance_id'] as number },
    ...{ name: row['name'] as string, language: row['language'] as string },
    jid: `${row['local'] as string}@${row['host'] as string}`,
  };
}

function toMembership(row: Row): { departmentId: number; access: Access }[] {
  const id = row['department_id'] as number | null;
  return id === null ? [] : [{ departmentId: id, access: row['access'] as Access }];
}
