import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEjabberd, type Ejabberd, type EjabberdOptions } from '../../bridge/stack/ejabberd.js';
import { startMariadb, type DatabaseAccess, type Mariadb } from '../../bridge/stack/mariadb.js';
import { freePort } from '../../bridge/stack/ports.js';
import { randomPassword, randomWebhookSecret } from '../../bridge/stack/private-files.js';
import { leftovers } from './stack-leftovers.js';

const REPO = fileURLToPath(new URL('../..', import.meta.url));

/** Where compiled modules are kept from one start, and from one run, to the next. */
export const MODULE_CACHE = join(REPO, '.foyer-test', 'modules');

let mariadb: Promise<Mariadb> | undefined;

/** The MariaDB that all spec files of this run share; started when first asked for, ended by the root hooks. */
export async function sharedMariadb(): Promise<Mariadb> {
  mariadb ??= startShared();
  return mariadb;
}

async function startShared(): Promise<Mariadb> {
  const dir = await mkdtemp(join(tmpdir(), 'foyer-mariadb-'));
  const server = await startMariadb({ dir, port: await freePort(), bufferPool: '128M' });
  leftovers.atEnd(async () => {
    mariadb = undefined;
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return server;
}

/** An empty database with a user of its own. */
export interface FreshDatabase extends DatabaseAccess {
  host: string;
  port: number;
  socketPath: string;
  /** As a URL that a MySQL client takes. */
  url: string;
  drop(): Promise<void>;
}

/** Makes an empty database for one spec file; whoever asks drops it in an `after` hook (a forgotten one fails the run). */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = await sharedMariadb();
  const access = await server.createDatabase(`t_${randomBytes(6).toString('hex')}`);
  const drop = leftovers.track(`database ${access.database}`, async () => server.dropDatabase(access.database));
  const { host, port, socketPath } = server;
  return {
    ...access,
    host,
    port,
    socketPath,
    url: `mysql://${access.user}:${access.password}@${host}:${port}/${access.database}`,
    drop,
  };
}

/** A private ejabberd of one spec file, and the secrets its mod_foyer signs with. */
export interface PrivateEjabberd extends Ejabberd {
  readonly hooksSecrets: readonly string[];
}

/**
 * Starts an ejabberd with mod_foyer for one spec file in a temporary directory that goes when it is stopped; whoever
 * asks stops it in an `after` hook (a forgotten one fails the run). The module is compiled once and then copied.
 */
export async function privateEjabberd(
  options: Partial<Omit<EjabberdOptions, 'dir'>> & { hooksUrl: string },
): Promise<PrivateEjabberd> {
  const dir = await mkdtemp(join(tmpdir(), 'foyer-ejabberd-'));
  const hooksSecrets = options.hooksSecrets ?? [randomWebhookSecret()];
  const node = await startEjabberd({
    apiUser: 'foyer-api',
    apiPassword: randomPassword(),
    moduleDir: join(REPO, 'ejabberd-module'),
    moduleCache: MODULE_CACHE,
    logLevel: 'warning',
    ports: { c2s: await freePort(), http: await freePort() },
    ...options,
    hooksSecrets,
    dir,
  });
  const stop = leftovers.track(`ejabberd in ${dir}`, async () => {
    await node.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return Object.create(node, { stop: { value: stop }, hooksSecrets: { value: hooksSecrets } }) as PrivateEjabberd;
}
