import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Pool, PoolConnection } from './pool.js';
import { rows, run } from './pool.js';

const DIRECTORY = fileURLToPath(new URL('./migrations/', import.meta.url));
/** One process migrates, the others wait for it. */
const LOCK = 'foyer_migrations';
const LOCK_SECONDS = 120;

export interface Migration {
  number: number;
  file: string;
}

/** All migrations that this program knows, in order. */
export async function knownMigrations(): Promise<Migration[]> {
  const files = (await readdir(DIRECTORY)).filter((file) => /^\d{4}-.*\.sql$/.test(file)).sort();
  return files.map((file) => ({ number: Number(file.slice(0, 4)), file }));
}

/**
 * Brings the database to this program's schema: forward only, each file once. Every statement can be run again, so that a migration that was interrupted half-way is
 * simply repeated.
 * @returns the files that were run
 * @throws when a newer program has migrated this database, or when another process holds the lock for more than two minutes
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const connection = await pool.getConnection();
  try {
    const [got] = await rows(connection, 'SELECT GET_LOCK(?, ?) AS got', [LOCK, LOCK_SECONDS]);
    if (got?.['got'] !== 1)
      throw new Error('Another process has been migrating this database for two minutes; see what it waits for.');
    try {
      return await migrateLocked(connection);
    } finally {
      await run(connection, 'DO RELEASE_LOCK(?)', [LOCK]);
    }
  } finally {
    connection.release();
  }
}

/** Migrations that haven't been run on this database. */
export async function pendingMigrations(pool: Pool): Promise<string[]> {
  const known = await knownMigrations();
  const [table] = await rows(pool, "SHOW TABLES LIKE 'migrations'");
  const applied = table ? await appliedNumbers(pool) : new Set<number>();
  return known.filter(({ number }) => !applied.has(number)).map(({ file }) => file);
}

async function migrateLocked(connection: PoolConnection): Promise<string[]> {
  await run(
    connection,
    `CREATE TABLE IF NOT EXISTS migrations (
       number INT UNSIGNED NOT NULL PRIMARY KEY, file VARCHAR(190) NOT NULL, applied_at DATETIME(3) NOT NULL
     ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  );
  const applied = await appliedNumbers(connection);
  const known = await knownMigrations();
  const newest = known.at(-1)?.number ?? 0;
  const newer = [...applied].filter((number) => number > newest);
  if (newer.length > 0)
    throw new Error(
      `This database was migrated by a newer Foyer (${Math.max(...newer)} > ${newest}): update this one.`,
    );
  const done: string[] = [];
  for (const { number, file } of known) {
    if (applied.has(number)) continue;
    for (const statement of statementsOf(await readFile(`${DIRECTORY}${file}`, 'utf8')))
      await run(connection, statement);
    await run(connection, 'INSERT INTO migrations (number, file, applied_at) VALUES (?, ?, NOW(3))', [number, file]);
    done.push(file);
  }
  return done;
}

async function appliedNumbers(db: Pool | PoolConnection): Promise<Set<number>> {
  return new Set((await rows(db, 'SELECT migrations.number FROM migrations')).map((row) => row['number'] as number));
}

/** Statements end with a semicolon at the end of a line; comments are whole lines. */
export function statementsOf(sql: string): string[] {
  const lines = sql.split('\n').filter((line) => !/^\s*--/.test(line));
  return lines
    .join('\n')
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
