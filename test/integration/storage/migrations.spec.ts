import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { knownMigrations, migrate, pendingMigrations, statementsOf } from '../../../bridge/storage/migrate.js';
import { rows, run, type Pool } from '../../../bridge/storage/pool.js';
import { openDatabase } from './store.js';

const DIRECTORY = new URL('../../../bridge/storage/migrations/', import.meta.url);

describe('migrations', () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let pool: Pool;

  beforeEach(async () => {
    database = await openDatabase();
    pool = database.pool;
  });

  afterEach(() => database.close());

  const files = async () => (await knownMigrations()).map(({ file }) => file);
  const applied = async () =>
    (await rows(pool, 'SELECT file FROM migrations ORDER BY number')).map((row) => row['file'] as string);
  const schema = async () => {
    const columns = await rows(
      pool,
      'SELECT table_name AS t, column_name AS c, column_type AS y, is_nullable AS n FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, ordinal_position',
    );
    return columns.map((row) => `${row['t']}.${row['c']} ${row['y']} ${row['n']}`);
  };

  it('run once each, in order', async () => {
    expect(await pendingMigrations(pool)).to.deep.equal(await files());
    expect(await migrate(pool)).to.deep.equal(await files());
    expect(await pendingMigrations(pool)).to.deep.equal([]);
    expect(await applied()).to.deep.equal(await files());
  });

  it('change nothing the second time', async () => {
    await migrate(pool);
    const before = await schema();
    await run(
      pool,
      "INSERT INTO instances (name, display_name, host, created_at) VALUES ('kept', 'Kept', 'x.org', NOW(3))",
    );
    expect(await migrate(pool)).to.deep.equal([]);
    expect(await schema()).to.deep.equal(before);
    expect((await rows(pool, 'SELECT name FROM instances')).map((row) => row['name'])).to.deep.equal(['kept']);
  });

  it('run once when several processes start together', async () => {
    const done = await Promise.all(Array.from({ length: 4 }, () => migrate(database.newPool())));
    expect(done.filter((list) => list.length > 0)).to.deep.equal([await files()]);
    expect(await applied()).to.deep.equal(await files());
  });

  it('go on after an interruption at any statement', async function () {
    this.timeout(120_000);
    await migrate(pool);
    const whole = await schema();
    const all = await knownMigrations();
    for (const { number, file } of all) {
      const statements = statementsOf(await readFile(new URL(file, DIRECTORY), 'utf8'));
      for (let executed = 1; executed <= statements.length; executed += 1) {
        const broken = await openDatabase();
        for (const earlier of all.filter((one) => one.number < number)) {
          for (const statement of statementsOf(await readFile(new URL(earlier.file, DIRECTORY), 'utf8')))
            await run(broken.pool, statement);
        }
        await run(
          broken.pool,
          'CREATE TABLE migrations (number INT UNSIGNED NOT NULL PRIMARY KEY, file VARCHAR(190) NOT NULL, applied_at DATETIME(3) NOT NULL)',
        );
        for (const earlier of all.filter((one) => one.number < number))
          await run(broken.pool, 'INSERT INTO migrations VALUES (?, ?, NOW(3))', [earlier.number, earlier.file]);
        // The process died behind this statement, before it had noted the file.
        for (const statement of statements.slice(0, executed)) await run(broken.pool, statement);
        await migrate(broken.pool);
        expect(await pendingMigrations(broken.pool), `${file} after ${executed}`).to.deep.equal([]);
        const own = pool;
        pool = broken.pool;
        expect(await schema(), `${file} after ${executed}`).to.deep.equal(whole);
        pool = own;
        await broken.close();
      }
    }
  });

  it('refuse a database that a newer Foyer has migrated', async () => {
    await migrate(pool);
    await run(pool, "INSERT INTO migrations VALUES (9999, '9999-future.sql', NOW(3))");
    const refused = await migrate(pool).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refused).to.contain('newer Foyer');
  });

  it('give every table a primary key and the engine that has transactions', async () => {
    await migrate(pool);
    const bare = await rows(
      pool,
      `SELECT tables.table_name AS name FROM information_schema.tables LEFT JOIN information_schema.table_constraints AS keys_
         ON keys_.table_schema = tables.table_schema AND keys_.table_name = tables.table_name AND keys_.constraint_type = 'PRIMARY KEY'
        WHERE tables.table_schema = DATABASE() AND (keys_.constraint_name IS NULL OR tables.engine <> 'InnoDB')`,
    );
    expect(bare).to.deep.equal([]);
  });
});
