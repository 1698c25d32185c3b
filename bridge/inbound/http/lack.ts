import type { Middleware } from 'koa';
import { FoyerError } from '../../shared/errors.js';
import { writeProblem } from './problem.js';

const RETRY_AFTER_SECONDS = 2;
/** They tell what is missing, or that this process lives. */
const ALWAYS_OPEN = new Set(['/healthz', '/readyz', '/metrics']);

const REASON = {
  database: 'The database can’t be reached yet; nothing was stored. Try again.',
  migrations: 'The database is being brought up to date; nothing was stored. Try again.',
};

/** What a bridge that starts lacks before it can serve. */
export class Lack {
  private missing: keyof typeof REASON | null = 'database';

  of(what: keyof typeof REASON): void {
    this.missing = what;
  }

  nothing(): void {
    this.missing = null;
  }

  /** Whether this isn't there yet: while the database is missing nobody knows whether it is up to date. */
  lacks(what: keyof typeof REASON): boolean {
    return this.missing === what || (what === 'migrations' && this.missing !== null);
  }

  /** Refuses, with a time to come again, what can't be served yet. Not a word in the log: that has said what is missing. */
  readonly guard: Middleware = async (ctx, next) => {
    if (this.missing === null || ALWAYS_OPEN.has(ctx.path)) return next();
    const error = new FoyerError('database_unavailable', REASON[this.missing], {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
    writeProblem(ctx, error, ctx.state['requestId'] as string);
  };
}
