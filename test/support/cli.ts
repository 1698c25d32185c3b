import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { PassThrough, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { commands } from '../../bridge/cli/commands.js';
import type { Io } from '../../bridge/cli/io.js';
import { runCli } from '../../bridge/cli/run-cli.js';
import { settingNames } from '../../bridge/config/load.js';
import type { Settings } from '../../bridge/config/settings.js';
import { leftovers } from './stack-leftovers.js';
import { until } from './until.js';

/** A command line that runs. */
export interface RunningCli {
  out(): string;
  err(): string;
  /** A line on its standard input. */
  type(line: string): void;
  endInput(): void;
  /** Ctrl-C, SIGTERM. */
  signal(name: NodeJS.Signals): void;
  /** Waits until its output holds this. */
  sees(text: string | RegExp, seconds?: number): Promise<void>;
  /** The exit code. */
  readonly done: Promise<number>;
}

export interface CliOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Runs a command in this process to its end. */
export async function foyer(
  argv: readonly string[],
  options: CliOptions & { input?: string } = {},
): Promise<{ code: number; out: string; err: string }> {
  const running = startFoyer(argv, options);
  if (options.input !== undefined) running.type(options.input);
  running.endInput();
  const code = await running.done;
  return { code, out: running.out(), err: running.err() };
}

/** Starts a command in this process. */
export function startFoyer(argv: readonly string[], { env = {}, cwd = '/nonexistent' }: CliOptions = {}): RunningCli {
  const stdin = new PassThrough();
  const [stdout, stderr] = [new Collector(), new Collector()];
  const listeners = new Set<(signal: string) => void>();
  let exit: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    exit = resolve;
  });
  const io: Io = {
    ...{ stdin, stdout, stderr, env, cwd },
    exit,
    onStop(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const done = Promise.race([runCli(commands, argv, io), exited]);
  return {
    out: () => stdout.text,
    err: () => stderr.text,
    type: (line) => void stdin.write(`${line}\n`),
    endInput: () => void stdin.end(),
    signal: (name) => listeners.forEach((listener) => listener(name)),
    sees: (text, seconds) =>
      sees(
        () => stdout.text,
        () => stderr.text,
        done,
        text,
        seconds,
      ),
    done,
  };
}

/** Starts the program as a process of its own; one that a failed test leaves behind is killed at the end of the run. */
export function spawnFoyer(
  argv: readonly string[],
  { env = {}, cwd, imports = [] }: CliOptions & { imports?: string[] } = {},
): RunningCli & { pid: number } {
  const main = fileURLToPath(new URL('../../bridge/main.ts', import.meta.url));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(
    process.execPath,
    [...[tsx, ...imports].flatMap((module) => ['--import', module]), main, ...argv],
    {
      ...(cwd === undefined ? {} : { cwd }),
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.on('error', () => undefined);
  const done = new Promise<number>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? -1 : 1000))),
  );
  const strikeOff = leftovers.track(`foyer ${argv.join(' ')}`, async () => {
    child.kill('SIGKILL');
    await done;
  });
  void done.then(strikeOff);
  return {
    pid: child.pid ?? 0,
    out: () => out,
    err: () => err,
    type: (line) => void child.stdin.write(`${line}\n`),
    endInput: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
    sees: (text, seconds) =>
      sees(
        () => out,
        () => err,
        done,
        text,
        seconds,
      ),
    done,
  };
}

/** Settings as the environment variables that make them. */
export function environmentOf(settings: Settings): Record<string, string> {
  const sections: Record<string, Record<string, unknown>> = settings;
  const pairs = [...settingNames()].map(([variable, [section, key]]) => [variable, sections[section]?.[key]] as const);
  return Object.fromEntries(
    pairs.flatMap(([variable, value]) =>
      value === undefined || String(value) === '' ? [] : [[variable, String(value)]],
    ),
  );
}

async function sees(
  out: () => string,
  err: () => string,
  done: Promise<number>,
  text: string | RegExp,
  seconds = 15,
): Promise<void> {
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  const holds = () => (typeof text === 'string' ? out().includes(text) : text.test(out()));
  await until(
    () => {
      if (holds()) return true;
      if (ended) throw new Error(`It ended without saying ${String(text)}:\n${out()}\n${err()}`);
      return false;
    },
    `${String(text)} in:\n${out()}\n${err()}`,
    seconds,
  );
}

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
