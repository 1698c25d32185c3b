import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { findProgram, spawnDaemon, stopLeftover, tailOf, type Daemon } from './daemon.js';
import { initSql, myCnf, quoted } from './mariadb-files.js';
import { claimPort, LOOPBACK } from './ports.js';
import { privateDir, randomPassword, readIfThere, secretIn, writePrivate } from './private-files.js';
import { ProgramError, runProgram } from './run-program.js';

/** Where a database is and who may use it. */
export interface DatabaseAccess {
  user: string;
  password: string;
  database: string;
}

/** A private MariaDB server of ours, reachable over loopback only. */
export interface Mariadb {
  readonly host: string;
  readonly port: number;
  readonly socketPath: string;
  readonly rootUser: string;
  readonly rootPassword: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles, with a word on how, when the present server process has ended for whatever reason. */
  readonly ended: Promise<string>;
  /** Makes the database and its user if they aren't there (`name`: `[a-z][a-z0-9_]{0,47}`); the password stays the same over restarts. */
  createDatabase(name: string): Promise<DatabaseAccess>;
  /** Removes a database made by `createDatabase` with its user. */
  dropDatabase(name: string): Promise<void>;
  /** Clean shutdown; killed after 30 s. Calling it again does nothing. */
  stop(): Promise<void>;
  /** Ends the server without a word to it (default SIGKILL). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it if it runs and starts it on the same data and port. */
  restart(): Promise<void>;
}

export interface MariadbOptions {
  /** Everything of the server is in here; nobody else may use it. */
  dir: string;
  /** The wished port; default: the one of the last start in this directory. When taken, the next free one. */
  port?: number;
  /** InnoDB's buffer pool, default `256M`. */
  bufferPool?: string;
  onProgress?: (text: string) => void;
  /** Aborted: the start ends what it has begun and rejects. */
  signal?: AbortSignal;
}

const START_MS = 60_000; // crash recovery after a kill takes seconds, on a slow disk tens of them
const STOP_MS = 30_000;
const OPEN_FILES = 4_096; // 200 connections and their tables
const FIRST_PORT = 23_306; // away from 3306, where a MariaDB of the machine itself would be
const SOCKET_PATH_MAX = 100; // the kernel's limit is 107 bytes

/** Starts (on first use: installs) the private MariaDB in `options.dir`. Rejects with what to do and the log's end. */
export async function startMariadb(options: MariadbOptions): Promise<Mariadb> {
  const dir = resolve(options.dir);
  const say = options.onProgress ?? (() => undefined);
  const program = findProgram('mariadbd', 'mysqld');
  const installer = findProgram('mariadb-install-db', 'mysql_install_db');
  if (program === undefined || installer === undefined) {
    throw new Error('MariaDB is not installed: run "apt-get install mariadb-server" as root, then start again');
  }
  await privateDir(dir);
  await privateDir(join(dir, 'tmp'));
  const cnf = join(dir, 'my.cnf');
  const mark = `--defaults-file=${cnf}`;
  const logFile = join(dir, 'mariadb.log');
  if (await stopLeftover(join(dir, 'mariadbd.pid'), mark, STOP_MS))
    say('ended a MariaDB that an earlier run left behind');

  const rootPassword = await secretIn(join(dir, 'root-password'), randomPassword);
  const asRoot = process.getuid?.() === 0;
  const socketPath = await socketPathFor(dir);
  const lastPort = Number((await readIfThere(join(dir, 'port'))) ?? 0);
  const port = await claimPort(options.port ?? (lastPort > 0 ? lastPort : FIRST_PORT), {
    onTaken: (wished, got) => say(`port ${wished} is taken, MariaDB uses ${got}`),
  });
  await writePrivate(cnf, myCnf({ dir, port, socketPath, bufferPool: options.bufferPool ?? '256M', asRoot }));
  await writePrivate(join(dir, 'init.sql'), initSql(rootPassword));
  await writePrivate(join(dir, 'port'), `${port}\n`);
  if (!existsSync(join(dir, 'data'))) {
    say('makes its data directory');
    await installData(installer, cnf, dir, options.signal);
  }

  const admin = { socketPath, user: 'root', password: rootPassword };
  const launch = async (): Promise<Daemon> => {
    await rm(socketPath, { force: true });
    const daemon = await spawnDaemon({
      command: program,
      args: [mark],
      env: cleanEnv(),
      cwd: dir,
      logFile,
      openFiles: OPEN_FILES,
    });
    await untilAnswering(daemon, admin, options.signal, logFile);
    return daemon;
  };
  let daemon = await launch();

  return {
    host: LOOPBACK,
    port,
    socketPath,
    rootUser: admin.user,
    rootPassword,
    logFile,
    get pid() {
      return daemon.pid;
    },
    get ended() {
      return daemon.ended;
    },
    async createDatabase(name) {
      checkName(name);
      const password = await secretIn(join(dir, 'passwords', name), randomPassword);
      await asAdmin(admin, async (connection) => {
        await connection.query(
          `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
        );
        for (const host of [LOOPBACK, 'localhost']) {
          await connection.query(`CREATE USER IF NOT EXISTS \`${name}\`@\`${host}\``);
          await connection.query(`ALTER USER \`${name}\`@\`${host}\` IDENTIFIED BY ${quoted(password)}`);
          // An underscore in the database's name of a GRANT stands for any character unless escaped.
          await connection.query(
            `GRANT ALL PRIVILEGES ON \`${name.replaceAll('_', '\\_')}\`.* TO \`${name}\`@\`${host}\``,
          );
        }
      });
      return { user: name, password, database: name };
    },
    async dropDatabase(name) {
      checkName(name);
      await asAdmin(admin, async (connection) => {
        await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
        await connection.query(`DROP USER IF EXISTS \`${name}\`@\`${LOOPBACK}\`, \`${name}\`@\`localhost\``);
      });
      await rm(join(dir, 'passwords', name), { force: true });
    },
    stop: async () => daemon.stop(STOP_MS),
    kill: async (signal) => daemon.kill(signal),
    async restart() {
      await daemon.stop(STOP_MS);
      daemon = await launch();
    },
  };
}

/** Fills a fresh data directory beside the final place and moves it there when complete, so that a half-made one is redone. */
async function installData(
  installer: string,
  cnf: string,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const half = join(dir, 'data.half');
  await rm(half, { recursive: true, force: true });
  await privateDir(half);
  try {
    const args = [
      `--defaults-file=${cnf}`,
      `--datadir=${half}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--init-file=',
    ];
    await runProgram(installer, args, { cwd: dir, env: cleanEnv(), timeoutMs: START_MS, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const said = error instanceof ProgramError ? error.said.trim() : String(error);
    throw new Error(`MariaDB could not make its data directory in ${dir}; is there room?\n${said}`, { cause: error });
  }
  await rename(half, join(dir, 'data'));
}

async function untilAnswering(
  daemon: Daemon,
  admin: mysql.ConnectionOptions,
  signal: AbortSignal | undefined,
  logFile: string,
): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      await asAdmin(admin, async (connection) => connection.ping());
      return;
    } catch (error) {
      const ended = daemon.howEnded();
      if (signal?.aborted === true) {
        await daemon.stop(STOP_MS);
        signal.throwIfAborted();
      }
      if (ended === undefined && Date.now() < deadline) {
        await delay(20);
        continue;
      }
      await daemon.kill();
      const what = ended === undefined ? `did not answer within ${START_MS / 1000} s` : `ended with ${ended}`;
      throw new Error(`MariaDB ${what}. Its log ${logFile} says:\n${await tailOf(logFile, 15)}`, { cause: error });
    }
  }
}

async function asAdmin<T>(
  admin: mysql.ConnectionOptions,
  work: (connection: mysql.Connection) => Promise<T>,
): Promise<T> {
  const connection = await mysql.createConnection(admin);
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(name)) throw new Error(`"${name}" can't be the name of a database here`);
}

/** The socket is in the server's directory; where its path is too long for the kernel, in a private one under the system's. */
async function socketPathFor(dir: string): Promise<string> {
  const near = join(dir, 'mariadb.sock');
  if (Buffer.byteLength(near) <= SOCKET_PATH_MAX) return near;
  const id = createHash('sha256').update(dir).digest('hex').slice(0, 16);
  const far = await privateDir(join(tmpdir(), `foyer-${process.getuid?.() ?? 0}-${id}`));
  const { uid, mode } = await lstat(far);
  if (uid !== process.getuid?.() || (mode & 0o77) !== 0)
    throw new Error(`${far} belongs to somebody else: remove it, then start again`);
  return join(far, 'mariadb.sock');
}

/** Options of the caller's own MySQL clients and servers must not reach ours. */
function cleanEnv(): NodeJS.ProcessEnv {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: 'C.UTF-8' };
}
