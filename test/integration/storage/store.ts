import { randomBytes } from 'node:crypto';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import { SecretBox } from '../../../bridge/shared/box.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { createProcessStore } from '../../../bridge/storage/process-store.js';
import { migrate } from '../../../bridge/storage/migrate.js';
import { createPool, rows, run, type Pool, type Row } from '../../../bridge/storage/pool.js';
import { MysqlTransactions } from '../../../bridge/storage/transactions.js';
import type { CommitEffects } from '../../../bridge/storage/unit-of-work.js';
import { freshDatabase, type FreshDatabase } from '../../support/stack.js';

/** A connection pool on a fresh database that has no tables yet. */
export async function openDatabase(): Promise<{
  db: FreshDatabase;
  pool: Pool;
  newPool(): Pool;
  close(): Promise<void>;
}> {
  const db = await freshDatabase();
  const { host, port, user, password, database } = db;
  const pools: Pool[] = [];
  const newPool = () => {
    const pool = createPool({ host, port, user, password, database, connections: 8 });
    pools.push(pool);
    return pool;
  };
  return {
    db,
    pool: newPool(),
    newPool,
    async close() {
      for (const pool of pools) await pool.end();
      await db.drop();
    },
  };
}

/** A migrated database with the instance main, a department and a desk. */
export class Store {
  readonly committed: CommitEffects[] = [];
  readonly transactions: MysqlTransactions;

  private constructor(
    readonly pool: Pool,
    readonly newPool: () => Pool,
    private readonly end: () => Promise<void>,
  ) {
    this.transactions = this.newTransactions(pool);
  }

  static async open(): Promise<Store> {
    const { pool, newPool, close } = await openDatabase();
    await migrate(pool);
    await run(
      pool,
      "INSERT INTO instances (name, display_name, host, created_at) VALUES ('main', 'Main', 'x.org', NOW(3))",
    );
    await run(pool, "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Support', NOW(3))");
    return new Store(pool, newPool, close);
  }

  /** As another process would have it. */
  newTransactions(pool: Pool): MysqlTransactions {
    const box = new SecretBox(randomBytes(32));
    return new MysqlTransactions({
      pool,
      clock: systemClock,
      ids: randomIds,
      box,
      mail: null,
      publicUrl: 'https://chat.example.org',
      onCommit: (effects) => void this.committed.push(effects),
    });
  }

  /** A visitor with an account and a waiting chat. */
  async chat(): Promise<Chat> {
    return this.transactions.alone(async (tx) => {
      const visitor = await tx.visitors.create({ instanceId: 1, deskId: null, externalId: null });
      const account = await tx.accounts.create({
        instanceId: 1,
        kind: 'visitor',
        local: `visitor.${visitor.id}`,
        host: 'x.org',
        name: 'V',
        rosterGroup: 'visitors',
      });
      const places = { visitorId: visitor.id, accountId: account.id, deskId: null, departmentId: 1 };
      const chat = await tx.chats.create({
        instanceId: 1,
        ...places,
        state: 'waiting',
        initiator: 'visitor',
        operatorId: null,
      });
      return { ...chat };
    });
  }

  /** A process that lives, and may claim lanes. */
  process(): Promise<number> {
    return createProcessStore(this.pool).register('test', 3_600, false);
  }

  select(sql: string, values: unknown[] = []): Promise<Row[]> {
    return rows(this.pool, sql, values);
  }

  /** Texts of a chat in their order. */
  async texts(chatId: number): Promise<string[]> {
    return (await this.select('SELECT text FROM messages WHERE chat_id = ? ORDER BY number', [chatId])).map(
      (row) => row['text'] as string,
    );
  }

  async close(): Promise<void> {
    await this.transactions.idle();
    await this.end();
  }
}
