import type { ProcessStore } from '../cluster/ports.js';
import { inTransaction } from './in-transaction.js';
import { boundedly, rows, run, type Pool, type PoolConnection } from './pool.js';

/** A database that takes longer for the one row of a process doesn't answer. */
const ANSWER_MS = 2_000;

export function createProcessStore(pool: Pool): ProcessStore {
  const bury = (ids: readonly number[], still = 'TRUE') =>
    inTransaction(pool, async (connection) => {
      const meant = await lockMeant(connection, ids, still);
      await buryIn(connection, meant);
      return meant.length;
    });
  return {
    async register(name, ttlSeconds, replaces) {
      if (replaces) {
        const earlier = await rows(pool, 'SELECT processes.id FROM processes WHERE processes.name = ?', [name]);
        await bury(
          earlier.map((row) => row['id'] as number),
          'processes.ending = 0 OR processes.expires_at < NOW(3)',
        );
      }
      const { insertId } = await run(
        pool,
        'INSERT INTO processes (name, started_at, expires_at) VALUES (?, NOW(3), NOW(3) + INTERVAL ? SECOND)',
        [name, ttlSeconds],
      );
      return insertId;
    },
    async renew(id, ttlSeconds) {
      const { affectedRows } = await boundedly(pool, ANSWER_MS, (connection) =>
        run(connection, 'UPDATE processes SET expires_at = NOW(3) + INTERVAL ? SECOND WHERE id = ?', [ttlSeconds, id]),
      );
      return affectedRows === 1;
    },
    async holds(id) {
      const found = await boundedly(pool, ANSWER_MS, (connection) =>
        rows(
          connection,
          'SELECT processes.id FROM processes WHERE processes.id = ? AND processes.expires_at > NOW(3)',
          [id],
        ),
      );
      return found.length === 1;
    },
    async end(id) {
      await boundedly(pool, ANSWER_MS, (connection) =>
        run(connection, 'UPDATE processes SET ending = 1 WHERE id = ?', [id]),
      );
    },
    async release(id) {
      await bury([id]);
    },
    async buryDead(self) {
      const dead = await rows(
        pool,
        `SELECT processes.id FROM processes WHERE processes.expires_at < NOW(3) AND processes.id <> ?
          UNION SELECT held.id FROM
            (SELECT DISTINCT lanes.owner AS id FROM lanes WHERE lanes.owner IS NOT NULL
              UNION SELECT DISTINCT lanes.home FROM lanes WHERE lanes.home IS NOT NULL) AS held
            LEFT JOIN processes ON processes.id = held.id WHERE processes.id IS NULL`,
        [self],
      );
      return bury(
        dead.map((row) => row['id'] as number),
        'processes.expires_at < NOW(3)',
      );
    },
    async restorePresence() {
      const wanted = `FROM accounts LEFT JOIN lanes AS held ON held.name = CONCAT('a:', accounts.id)
        WHERE accounts.online = 1 AND accounts.state IN ('wanted', 'ready') AND held.home IS NULL`;
      await run(
        pool,
        `INSERT INTO outbox (lane, entry, instance_id, created_at)
         SELECT CONCAT('a:', accounts.id), ${PRESENCE}, accounts.instance_id, NOW(3) ${wanted}`,
      );
      const { affectedRows } = await run(
        pool,
        `INSERT INTO lanes (name, target, instance_id, account_id, pushed, due_at)
         SELECT CONCAT('a:', accounts.id), 'account', accounts.instance_id, accounts.id, 1, NOW(3) ${wanted}
         ON DUPLICATE KEY UPDATE pushed = lanes.pushed + 1, due_at = IFNULL(lanes.due_at, NOW(3))`,
      );
      return affectedRows;
    },
    async alive() {
      const [row] = await rows(pool, 'SELECT COUNT(*) AS alive FROM processes WHERE processes.expires_at > NOW(3)');
      return Number(row?.['alive']);
    },
  };
}

/**
 * Those of these processes that are still what they were taken for; with their rows locked, so that none of them renews or claims any more. One that renewed
 * since it was found is alive. One without a row is known to nobody, and stays dead.
 */
async function lockMeant(connection: PoolConnection, ids: readonly number[], still: string): Promise<number[]> {
  if (ids.length === 0) return [];
  const found = await rows(
    connection,
    `SELECT processes.id, ${still} AS meant FROM processes WHERE processes.id IN (?) ORDER BY processes.id FOR UPDATE`,
    [ids],
  );
  const spared = new Set(found.filter((row) => row['meant'] !== 1).map((row) => row['id'] as number));
  return ids.filter((id) => !spared.has(id));
}

/** What an account that should be online shows. */
const PRESENCE =
  "JSON_OBJECT('kind', 'xmpp.presence', 'nick', accounts.presence_nick, 'status', accounts.presence_status)";

/**
 * Frees what these processes had claimed. Their sessions are gone or will be: whoever serves the lanes next shows the accounts' presence again. By one
 * transaction, since a lane that is free for a moment without that entry would be at home at another process that shows nothing.
 */
async function buryIn(connection: PoolConnection, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await rows(
    connection,
    'SELECT lanes.name FROM lanes WHERE lanes.owner IN (?) OR lanes.home IN (?) ORDER BY lanes.name FOR UPDATE',
    [ids, ids],
  );
  const online =
    "JOIN accounts ON accounts.id = lanes.account_id AND accounts.online = 1 AND accounts.state IN ('wanted', 'ready')";
  await run(
    connection,
    `INSERT INTO outbox (lane, entry, instance_id, created_at)
     SELECT lanes.name, ${PRESENCE}, accounts.instance_id, NOW(3) FROM lanes ${online} WHERE lanes.home IN (?)`,
    [ids],
  );
  await run(
    connection,
    `UPDATE lanes ${online} SET lanes.pushed = lanes.pushed + 1, lanes.due_at = IFNULL(lanes.due_at, NOW(3)) WHERE lanes.home IN (?)`,
    [ids],
  );
  await run(connection, 'UPDATE lanes SET owner = NULL, due_at = IFNULL(due_at, NOW(3)) WHERE owner IN (?)', [ids]);
  await run(connection, 'UPDATE lanes SET home = NULL WHERE home IN (?)', [ids]);
  await run(
    connection,
    'UPDATE leases SET process_id = 0, begun_at = NULL, expires_at = NOW(3) WHERE process_id IN (?)',
    [ids],
  );
  await run(connection, 'DELETE FROM processes WHERE id IN (?)', [ids]);
}

/** Where the newest chat of each of these visitors stands, as one comparable text. */
export async function readPositions(pool: Pool, visitorIds: readonly number[]): Promise<[number, string][]> {
  const found = await rows(
    pool,
    `SELECT visitors.id, visitors.last_chat_id, chats.feed_number FROM visitors LEFT JOIN chats ON chats.id = visitors.last_chat_id
      WHERE visitors.id IN (?)`,
    [visitorIds],
  );
  return found.map((row) => [row['id'] as number, `${row['last_chat_id']}.${row['feed_number']}`]);
}

/** A process as people see it. */
export interface ProcessView {
  id: number;
  name: string;
  startedAt: Date;
  /** False: it didn't say goodbye, and others take over what it held. */
  alive: boolean;
  /** Lanes that it serves at this moment. */
  lanes: number;
  /** Accounts that only it may serve, because it holds their sessions. */
  accounts: number;
}

export async function readProcesses(pool: Pool): Promise<ProcessView[]> {
  const found = await rows(
    pool,
    `SELECT processes.id, processes.name, processes.started_at, processes.expires_at > NOW(3) AS alive,
            (SELECT COUNT(*) FROM lanes WHERE lanes.owner = processes.id) AS serving,
            (SELECT COUNT(*) FROM lanes WHERE lanes.home = processes.id) AS accounts
       FROM processes ORDER BY processes.id`,
  );
  return found.map((row) => ({
    ...{ id: row['id'], name: row['name'], startedAt: row['started_at'], alive: row['alive'] === 1 },
    ...{ lanes: Number(row['serving']), accounts: Number(row['accounts']) },
  }));
}
