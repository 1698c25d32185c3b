import mysql from 'mysql2/promise';
import type { Pool, PoolConnection, RowDataPacket, ResultSetHeader } from 'mysql2/promise';
import { FoyerError } from '../shared/errors.js';
import { within } from '../shared/within.js';

export interface DatabaseSettings {
  host: string;
  port: number;
  /** Unix socket; replaces host and port. */
  socketPath?: string | undefined;
  user: string;
  password: string;
  database: string;
  /** Open connections at most. */
  connections: number;
}

export type Row = RowDataPacket;

/** Anything that runs a statement: the pool, or one connection of it. Values always go in through `?`. */
export type Queryable = Pool | PoolConnection;

export function createPool(settings: DatabaseSettings): Pool {
  const { host, port, socketPath, user, password, database } = settings;
  const pool = mysql.createPool({
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    user,
    password,
    database,
    connectionLimit: settings.connections,
    charset: 'utf8mb4',
    timezone: 'Z',
    // Statements of one transaction travel together: see runTogether.
    multipleStatements: true,
    // An object as a value would otherwise become `key = value` pairs.
    stringifyObjects: true,
    supportBigNumbers: true,
    connectTimeout: 5_000,
    // A stack for each statement, in case it fails, costs more than the statement does here.
    trace: false,
    enableKeepAlive: true,
    // Waiters are bounded by the doors' own limits; an unbounded queue here would hide an outage.
    queueLimit: 10_000,
  });
  // Times are UTC whatever the server's zone; READ COMMITTED because rows are locked by key and gap locks would only make others wait. A process that stops
  // in the middle of a transaction gives its rows back before those who wait for them give up; MySQL, which has no such limit, reads a comment.
  pool.on('connection', (connection) => {
    void connection.query(
      "SET SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 10, SESSION group_concat_max_len = 134217728, " +
        "SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES') /*M!100300 , SESSION idle_transaction_timeout = 5 */",
    );
    void connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
  return pool;
}

export async function rows(db: Queryable, sql: string, values: unknown[] = []): Promise<Row[]> {
  const [result] = await db.query<Row[]>(sql, values);
  return result;
}

/**
 * Reads for somebody who waits. A connection that the database has closed meanwhile is found out only by using it: reading can be repeated, so it is, once.
 * @throws FoyerError `database_unavailable`
 */
export async function readRows(pool: Queryable, sql: string, values: unknown[] = []): Promise<Row[]> {
  return reading(() => rows(pool, sql, values));
}

/** The same with several statements, in one round trip. */
export async function readTogether(pool: Queryable, statements: readonly Statement[]): Promise<Row[][]> {
  return reading(() => runTogether(pool, statements)) as Promise<Row[][]>;
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isConnectionError(error)) throw error;
  }
  return read().catch((error: unknown) => {
    throw asFoyerError(error);
  });
}

/** @returns the header: `insertId`, `affectedRows`. */
export async function run(db: Queryable, sql: string, values: unknown[] = []): Promise<ResultSetHeader> {
  const [result] = await db.query<ResultSetHeader>(sql, values);
  return result;
}

/**
 * Lends a connection for so long at most. One that is given up is closed, so that a database that hangs doesn't keep it from the next who asks.
 * @throws TooSlow
 */
export async function boundedly<T>(
  pool: Pool,
  milliseconds: number,
  work: (connection: PoolConnection) => Promise<T>,
): Promise<T> {
  const lending = pool.getConnection();
  const connection = await within(milliseconds, lending).catch((error: unknown) => {
    lending.then((late) => late.release()).catch(() => undefined);
    throw error;
  });
  try {
    const result = await within(milliseconds, work(connection));
    connection.release();
    return result;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

export interface Statement {
  sql: string;
  values: unknown[];
}

/**
 * Runs statements in one round trip, in this order; the first that fails ends it, and those behind it aren't run. One result for each. Texts of statements are
 * constants as everywhere: only values come from outside.
 */
export async function runTogether(
  db: Queryable,
  statements: readonly Statement[],
): Promise<(Row[] | ResultSetHeader)[]> {
  const sql = statements.map((one) => one.sql).join(';\n');
  const [results] = await db.query<RowDataPacket[][]>(
    sql,
    statements.flatMap((one) => one.values),
  );
  return statements.length === 1 ? [results as unknown as Row[]] : results;
}

/** Server error numbers that this program acts on. */
export const MYSQL_ERROR = {
  /** Two transactions wait for each other; this one was chosen to begin again. */
  DEADLOCK: 1213,
  /** A row stayed locked longer than `innodb_lock_wait_timeout`. */
  LOCK_WAIT_TIMEOUT: 1205,
  /** A unique key has this value already. */
  DUPLICATE: 1062,
  /** A row changed between this transaction's snapshot and its lock (MariaDB 11.6 and later by default). */
  RECORD_CHANGED: 1020,
} as const;

export function mysqlErrno(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
}

export function isRetryable(error: unknown): boolean {
  const errno = mysqlErrno(error);
  return (
    errno === MYSQL_ERROR.DEADLOCK || errno === MYSQL_ERROR.LOCK_WAIT_TIMEOUT || errno === MYSQL_ERROR.RECORD_CHANGED
  );
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_CONNECTION_KILLED',
]);

/** Whether the database is away, rather than the statement wrong. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return CONNECTION_CODES.has(code) || /closed state|Pool is closed|Queue limit reached/.test(error.message);
}

/** Gives connection trouble its own code, so that a client learns that nothing was stored and it may come again. */
export function asFoyerError(error: unknown): unknown {
  if (!isConnectionError(error)) return error;
  return new FoyerError(
    'database_unavailable',
    'The database can’t be reached; nothing was stored. Try again.',
    {},
    { cause: error },
  );
}

export type { Pool, PoolConnection, ResultSetHeader };
