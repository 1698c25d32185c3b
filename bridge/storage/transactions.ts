import type { Batch, Needs, Settled, Transactions, Tx } from '../domain/ports.js';
import type { Clock } from '../shared/clock.js';
import { FoyerError } from '../shared/errors.js';
import { takeBack } from './in-transaction.js';
import { MYSQL_ERROR, asFoyerError, isRetryable, mysqlErrno, type Pool } from './pool.js';
import { prefetch } from './prefetch.js';
import { UnitOfWork, type CommitEffects, type StorageDeps } from './unit-of-work.js';

export interface TransactionOptions extends StorageDeps {
  pool: Pool;
  clock: Clock;
  /** Called after each commit, before the caller gets its answer. Must not throw. */
  onCommit: (effects: CommitEffects) => void;
}

/** How often a transaction that met a deadlock begins again. */
const TRIES = 8;
/** Longest pause before the second try; grows with each. */
const RETRY_MS = 10;
/** Works that share one transaction at most: keeps its locks short. */
const SHARED_AT_MOST = 256;
/** Shared transactions at a time: one waits for the disk while the other one's statements are made. */
const SHARED_LANES = 2;

interface Job {
  needs: Needs;
  work: (tx: Tx) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** Opens transactions; see the port for what they promise. */
export class MysqlTransactions implements Transactions {
  private readonly queue: Job[] = [];
  private running = 0;

  constructor(private readonly options: TransactionOptions) {}

  alone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transact((unit) => work(unit.tx));
  }

  shared<T>(needs: Needs, work: (tx: Tx) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ needs, work, resolve: resolve as (value: unknown) => void, reject });
      this.startNext();
    });
  }

  async batch<I, T>({ items, prepare, each, refused }: Batch<I, T>): Promise<T[]> {
    const all = (chosen: readonly I[]) =>
      this.transact(async (unit) => {
        await prepare(unit.tx, chosen);
        const results: T[] = [];
        for (const item of chosen) {
          const one = await attempt(() => unit.part((tx) => each(tx, item)));
          results.push(one.ok ? one.value : await refused(unit.tx, item, one.error));
        }
        return results;
      });
    try {
      return await all(items);
    } catch (error) {
      if (error instanceof FoyerError) throw error;
    }
    const results: T[] = [];
    for (const item of items) {
      try {
        results.push(...(await all([item])));
      } catch (error) {
        if (error instanceof FoyerError) throw error;
        results.push(await this.transact(async (unit) => refused(unit.tx, item, error)));
      }
    }
    return results;
  }

  /** Resolves when no shared work is waiting or running. */
  async idle(): Promise<void> {
    while (this.running > 0 || this.queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  private startNext(): void {
    if (this.running >= SHARED_LANES || this.queue.length === 0) return;
    this.running += 1;
    // Requests that were read from their sockets in the same turn get into the same transaction.
    setImmediate(() => {
      const jobs = this.queue.splice(0, SHARED_AT_MOST);
      this.runShared(jobs)
        .catch((error: unknown) => jobs.forEach((job) => job.reject(error)))
        .finally(() => {
          this.running -= 1;
          this.startNext();
        });
    });
  }

  private async runShared(jobs: Job[]): Promise<void> {
    if (jobs.length === 0) return;
    let settled: Settled<unknown>[];
    try {
      settled = await this.transact(async (unit) => {
        await prefetch(
          unit,
          jobs.map((job) => job.needs),
        );
        const results: Settled<unknown>[] = [];
        for (const job of jobs) results.push(await attempt(() => unit.part(job.work)));
        return results;
      });
    } catch (error) {
      if (jobs.length === 1 || (error instanceof FoyerError && error.code === 'database_unavailable')) {
        for (const job of jobs) job.reject(error);
        return;
      }
      // One of them can't be written. Alone each either goes through or fails for itself.
      for (const job of jobs) await this.transact((unit) => job.work(unit.tx)).then(job.resolve, job.reject);
      return;
    }
    jobs.forEach((job, i) => {
      const one = settled[i] as Settled<unknown>;
      if (one.ok) job.resolve(one.value);
      else job.reject(one.error);
    });
  }

  private async transact<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.once(work);
      } catch (error) {
        // A duplicate key is a race with the same request at another process: the second look finds what it did.
        const again = isRetryable(error) || mysqlErrno(error) === MYSQL_ERROR.DUPLICATE;
        if (!again || tries >= TRIES) throw asFoyerError(error);
        // Those that met would otherwise meet again.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * RETRY_MS * tries));
      }
    }
  }

  private async once<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    const { pool, clock, onCommit } = this.options;
    const connection = await pool.getConnection();
    try {
      const unit = new UnitOfWork(connection, this.options, clock.now());
      const result = await work(unit);
      const effects = await unit.commit();
      connection.release();
      onCommit(effects);
      return result;
    } catch (error) {
      await takeBack(connection);
      throw error;
    }
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    // What the client did wrong concerns this work; what the database says concerns the whole transaction.
    if (error instanceof FoyerError) return { ok: false, error };
    throw error;
  }
}
