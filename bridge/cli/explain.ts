import { ConfigError } from '../config/load.js';
import { EjabberdError } from '../outbound/ejabberd/admin-errors.js';
import { describeError, FoyerError } from '../shared/errors.js';
import { isConnectionError, mysqlErrno } from '../storage/pool.js';
import { CliError, EXIT } from './exit-codes.js';

/** Error numbers of MySQL that mean the configuration: user or password wrong, no rights on the database, no such database. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([1044, 1045, 1049, 1698]);

/** What went wrong, for the person who ran the command, and the exit code that says so to a script. */
export function explain(error: unknown): { text: string; exitCode: number } {
  if (error instanceof CliError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof ConfigError) return { text: error.message, exitCode: EXIT.config };
  if (error instanceof FoyerError) {
    const away = error.code === 'database_unavailable' || error.code === 'ejabberd_unavailable';
    return { text: error.message, exitCode: away ? EXIT.unavailable : EXIT.failed };
  }
  if (error instanceof EjabberdError)
    return { text: error.message, exitCode: error.code === 'unreachable' ? EXIT.unavailable : EXIT.failed };
  if (isConnectionError(error))
    return { text: `the database can’t be reached (${describeError(error)})`, exitCode: EXIT.unavailable };
  if (REFUSALS.has(mysqlErrno(error)))
    return { text: `the database refuses us (${describeError(error)})`, exitCode: EXIT.config };
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return { text: `the port is taken by another program (${error.message})`, exitCode: EXIT.unavailable };
  }
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: EXIT.failed };
}
