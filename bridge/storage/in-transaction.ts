import {
  isRetryable,
  runTogether,
  type Pool,
  type PoolConnection,
  type ResultSetHeader,
  type Row,
  type Statement,
} from './pool.js';

/** How often a transaction that met a deadlock begins again. */
const TRIES = 5;

/** Commits what the work did, or takes it back. The work may run again from the start: it does nothing but through the connection. */
export function inTransaction<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  return retrying(async () => {
    const connection = await pool.getConnection();
    try {
      await connection.query('START TRANSACTION');
      const result = await work(connection);
      await connection.query('COMMIT');
      connection.release();
      return result;
    } catch (error) {
      await takeBack(connection);
      throw error;
    }
  });
}

/**
 * A transaction of statements that need nothing of each other's results, by one round trip.
 * @returns the results: that of the first statement at 1, behind that of the transaction's start
 */
export async function commitTogether(
  pool: Pool,
  statements: readonly Statement[],
): Promise<(Row[] | ResultSetHeader)[]> {
  if (statements.length === 0) return [];
  const connection = await pool.getConnection();
  try {
    const results = await runTogether(connection, [
      { sql: 'START TRANSACTION', values: [] },
      ...statements,
      { sql: 'COMMIT', values: [] },
    ]);
    connection.release();
    return results;
  } catch (error) {
    await takeBack(connection);
    throw error;
  }
}

/** Tries again what met a deadlock. */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || tries >= TRIES) throw error;
    }
  }
}

/** A connection whose transaction can't be taken back isn't used again. */
export async function takeBack(connection: PoolConnection): Promise<void> {
  await connection.query('ROLLBACK').then(
    () => connection.release(),
    () => connection.destroy(),
  );
}
