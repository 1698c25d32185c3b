import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEjabberd, type Ejabberd, type EjabberdOptions } from './ejabberd.js';
import { LockHeldError, takeLock } from './lock.js';
import { startMariadb, type DatabaseAccess, type Mariadb } from './mariadb.js';
import { privateDir, randomPassword, randomWebhookSecret, secretIn } from './private-files.js';

/** The private MariaDB and ejabberd of one clone, and what the bridge needs to use them. */
export interface Stack {
  readonly mariadb: Mariadb;
  readonly ejabberd: Ejabberd;
  /** The bridge's own database. */
  readonly database: DatabaseAccess;
  /** What mod_foyer signs with, newest first. */
  readonly hooksSecrets: readonly string[];
  /** Resolves with a sentence for a person when one of the servers has ended though nobody stopped the stack. */
  readonly failed: Promise<string>;
  /** The secret of this name (`[a-z0-9-]+`) kept in the stack's directory; made by `make` on first use. */
  secret(name: string, make: () => string): Promise<string>;
  /** Ends both servers and gives the directory free. Calling it again does nothing. */
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Everything of the stack is in here, usually `.foyer` in the clone. */
  root: string;
  /** Where mod_foyer sends its events: the bridge's `/hooks/ejabberd`. */
  hooksUrl: string;
  host?: string;
  extraHosts?: readonly string[];
  /** Default: `ejabberd-module` of this clone. */
  moduleDir?: string;
  moduleOptions?: EjabberdOptions['moduleOptions'];
  /** Where compiled modules are kept for other stacks; default: nowhere but in `root`. */
  moduleCache?: string;
  logLevel?: EjabberdOptions['logLevel'];
  /** Lines for a person who waits: what is being done, what it took. */
  onProgress?: (text: string) => void;
  /** Aborted (Ctrl-C): the start ends what it has begun, gives the directory free and rejects. */
  signal?: AbortSignal;
}

/**
 * Starts the private servers under `options.root`, both at once; a second start in the same directory finds data, ports
 * and passwords of the first. Rejects, with what to do, when another process runs there or a server doesn't start.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const root = await privateDir(resolve(options.root));
  const say = options.onProgress ?? (() => undefined);
  options.signal?.throwIfAborted();
  const unlock = await takeLock(join(root, 'lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(
      `Foyer already runs in ${root} (process ${error.pid}): use that one, or end it with "kill ${error.pid}" first`,
      {
        cause: error,
      },
    );
  });
  const secret = async (name: string, make: () => string) => {
    if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`"${name}" can't be the name of a secret`);
    return secretIn(join(root, 'secrets', name), make);
  };
  // One failing must end the other, also while that is still on its way up.
  const failing = new AbortController();
  const signal = options.signal === undefined ? failing.signal : AbortSignal.any([options.signal, failing.signal]);
  try {
    const apiPassword = await secret('ejabberd-api', randomPassword);
    const hooksSecrets = [await secret('hooks', randomWebhookSecret)];
    const { host, extraHosts, moduleOptions, moduleCache, logLevel } = options;
    const optional = {
      ...(host === undefined ? {} : { host }),
      ...(extraHosts === undefined ? {} : { extraHosts }),
      ...(moduleOptions === undefined ? {} : { moduleOptions }),
      ...(moduleCache === undefined ? {} : { moduleCache }),
      ...(logLevel === undefined ? {} : { logLevel }),
    };
    const [mariadb, ejabberd] = await both(
      timed('MariaDB', say, async (onProgress) => startMariadb({ dir: join(root, 'mariadb'), onProgress, signal })),
      timed('ejabberd', say, async (onProgress) =>
        startEjabberd({
          dir: join(root, 'ejabberd'),
          hooksUrl: options.hooksUrl,
          hooksSecrets,
          apiUser: 'foyer-api',
          apiPassword,
          moduleDir: options.moduleDir ?? join(cloneOf(fileURLToPath(import.meta.url)), 'ejabberd-module'),
          ...optional,
          onProgress,
          signal,
        }),
      ),
      () => failing.abort(),
    );
    const database = await mariadb.createDatabase('foyer');
    let stopping: Promise<void> | undefined;
    const failed = Promise.race([
      mariadb.ended.then((how) => `MariaDB ended with ${how}; its log is ${mariadb.logFile}`),
      ejabberd.ended.then((how) => `ejabberd ended with ${how}; its log is ${ejabberd.logFile}`),
    ]);
    return {
      mariadb,
      ejabberd,
      database,
      hooksSecrets,
      failed: new Promise((tell) => {
        void failed.then((text) => {
          if (stopping === undefined) tell(text);
        });
      }),
      secret,
      async stop() {
        stopping ??= Promise.all([ejabberd.stop(), mariadb.stop()]).then(unlock);
        await stopping;
      },
    };
  } catch (error) {
    await unlock();
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** Waits for both servers; when one can't start, gives the other up, ends it if it came up, and rejects with the first reason. */
async function both<A extends { stop(): Promise<void> }, B extends { stop(): Promise<void> }>(
  one: Promise<A>,
  other: Promise<B>,
  giveUp: () => void,
): Promise<[A, B]> {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    giveUp();
    for (const result of await Promise.allSettled([one, other])) {
      if (result.status === 'fulfilled') await result.value.stop();
    }
    throw error;
  }
}

async function timed<T extends object>(
  name: string,
  say: (text: string) => void,
  start: (onProgress: (text: string) => void) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const server = await start((text) => say(`${name}: ${text}`));
  say(`${name} runs (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return server;
}

/** The nearest folder above `path` that holds the package: the clone, from the sources and from the build alike. */
function cloneOf(path: string): string {
  let dir = dirname(path);
  while (!existsSync(join(dir, 'package.json')) && dir !== dirname(dir)) dir = dirname(dir);
  return dir;
}
