import { composeCore, type Core } from '../compose.js';
import type { Settings } from '../config/settings.js';
import type { Instance } from '../domain/instances/instance.js';
import { MAIN_INSTANCE } from '../domain/instances/instance.js';
import { createLog } from '../observe/log.js';
import { pendingMigrations } from '../storage/migrate.js';
import { createReads } from '../storage/reads.js';
import type { Call } from './command.js';
import { CliError, EXIT } from './exit-codes.js';

/** Lends the database to a command, and gives it back. @throws CliError when the database isn't up to date */
export async function withCore<T>(call: Pick<Call, 'settings'>, work: (core: Core) => Promise<T>): Promise<T> {
  return lendCore(call, async (core) => {
    const pending = await pendingMigrations(core.pool);
    if (pending.length > 0) throw new CliError('the database isn’t up to date: run “foyer migrate” first', EXIT.config);
    return work(core);
  });
}

/** The same for commands that can do with an empty database. */
export async function lendCore<T>({ settings }: Pick<Call, 'settings'>, work: (core: Core) => Promise<T>): Promise<T> {
  const core = composeCore(settings(), { log: createLog('silent') });
  try {
    return await work(core);
  } finally {
    await core.transactions.idle();
    await core.pool.end();
  }
}

/** The instance of `--instance`. */
export async function instanceOf({ pool, clock }: Core, name: string = MAIN_INSTANCE): Promise<Instance> {
  const instance = await createReads(pool, clock).instanceByName(name);
  if (!instance) throw new CliError(`there is no instance “${name}”: make it with “foyer instance add ${name}”`);
  return instance;
}

/** Names on ejabberd that no operator may get. */
export function reservedNames({ ejabberd }: Settings): ReadonlySet<string> {
  return new Set([ejabberd.service_account, ejabberd.api_user.split('@')[0] ?? '']);
}

/** Who the audit says did it. */
export const CLI_ACTOR = 'cli';
