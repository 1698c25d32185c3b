import { expect } from 'chai';
import { createReads } from '../../../bridge/storage/reads.js';
import { migrate } from '../../../bridge/storage/migrate.js';
import { createPool, rows, run, type Pool } from '../../../bridge/storage/pool.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { freshDatabase, type FreshDatabase } from '../../support/stack.js';

describe('connections that the database has closed', () => {
  let db: FreshDatabase;
  let pool: Pool;

  before(async () => {
    db = await freshDatabase();
    pool = createPool({ ...db, connections: 1 });
    await migrate(pool);
  });

  after(async () => {
    await pool.end();
    await db.drop();
  });

  it('are replaced while somebody reads, who notices nothing', async () => {
    const other = createPool({ ...db, connections: 1 });
    const [row] = await rows(pool, 'SELECT CONNECTION_ID() AS id');
    await run(other, 'KILL ?', [row?.['id']]);
    await other.end();
    expect(await createReads(pool, systemClock).chat(1, 1)).to.equal(undefined);
  });

  it('are told as such when the database isn’t there at all', async () => {
    const nowhere = createPool({ ...db, port: 1, socketPath: undefined, connections: 1 });
    const refusal = await createReads(nowhere, systemClock)
      .chat(1, 1)
      .catch((error: unknown) => error);
    await nowhere.end();
    expect(refusal).to.include({ name: 'FoyerError', code: 'database_unavailable' });
  });
});
