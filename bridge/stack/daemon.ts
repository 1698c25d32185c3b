import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server process that this process started and owns. */
export interface Daemon {
  readonly pid: number;
  /** Settles when the process has ended, with a word on how ("code 1", "signal SIGKILL"). */
  readonly ended: Promise<string>;
  /** How it ended, or undefined while it runs. */
  howEnded(): string | undefined;
  /** Asks it to end (SIGTERM); kills it when it is still there after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
  /** Ends it at once. Resolves when it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Where programs of servers are on Debian; an ordinary user's PATH often lacks the sbin folders. */
const PROGRAM_DIRS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Full path of the first of these programs that is installed, or undefined. */
export function findProgram(...names: string[]): string | undefined {
  const dirs = [...(process.env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== ''), ...PROGRAM_DIRS];
  for (const name of names) {
    const dir = dirs.find((candidate) => existsSync(join(candidate, name)));
    if (dir !== undefined) return join(dir, name);
  }
  return undefined;
}

// Keeps what it writes to itself, raises the soft limit of open files to $0, or to the hard limit where that is lower, and becomes the program.
const WITH_OPEN_FILES =
  'umask 077; h=$(ulimit -Hn); if [ "$h" = unlimited ] || [ "$h" -gt "$0" ]; then h=$0; else ulimit -n "$0" 2>/dev/null && h=$0; fi; ulimit -Sn "$h"; exec "$@"';

/**
 * Starts a server in a session of its own (so that Ctrl-C reaches only us, and we end it in order), with its output
 * appended to `logFile`. Where util-linux's `setpriv` is there the kernel sends the server SIGTERM if we die without
 * a word, so that nothing is left behind.
 */
export async function spawnDaemon(options: {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  logFile: string;
  openFiles: number;
}): Promise<Daemon> {
  const setpriv = findProgram('setpriv');
  const argv = [
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'TERM']),
    findProgram('bash') ?? '/bin/bash',
    '-c',
    WITH_OPEN_FILES,
    String(options.openFiles),
    options.command,
    ...options.args,
  ];
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return asDaemon(child);
  } finally {
    closeSync(log);
  }
}

function asDaemon(child: ChildProcess): Daemon {
  const pid = child.pid ?? 0;
  let how: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      how = signal === null ? `code ${code}` : `signal ${signal}`;
      resolve(how);
    });
  });
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (how === undefined) child.kill(signal);
    await ended;
  };
  return {
    pid,
    ended,
    howEnded: () => how,
    kill,
    async stop(graceMs) {
      if (how === undefined) child.kill('SIGTERM');
      const patience = new AbortController();
      const late = delay(graceMs, 'late' as const, { signal: patience.signal }).catch(() => 'ended' as const);
      if ((await Promise.race([ended, late])) === 'late') await kill();
      patience.abort();
    },
  };
}

/** Says whether process `pid` runs (a zombie doesn't) and has `mark` in its command line: that it is really ours. */
export function isProcess(pid: number, mark: string): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .charAt(0);
    return (
      state !== 'Z' &&
      state !== 'X' &&
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').includes(mark)
    );
  } catch {
    return false;
  }
}

/**
 * Ends a server that an earlier, killed run of ours left behind: the one whose pid is in `pidFile`, if its command
 * line has `mark` in it. Any other process with that pid is left alone. Returns whether there was one.
 */
export async function stopLeftover(pidFile: string, mark: string, graceMs: number): Promise<boolean> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim());
  if (!Number.isInteger(pid) || pid <= 1 || !isProcess(pid, mark)) return false;
  signalIfThere(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (isProcess(pid, mark)) {
    if (Date.now() > deadline) signalIfThere(pid, 'SIGKILL');
    await delay(20);
  }
  return true;
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The last lines of a log, for an error message; empty when there is no log. */
export async function tailOf(logFile: string, lines: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Size of a file in bytes, 0 when it isn't there: to read later only what a new start has logged. */
export async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
