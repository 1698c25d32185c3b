import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { escapeControls } from '../shared/text.js';

/** What a command has to do with the world around it; a test brings its own. */
export interface Io {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Calls the listener with each request to end (Ctrl-C, SIGTERM, the terminal's closing); returns how to stop listening. */
  onStop(listener: (signal: string) => void): () => void;
  /** Ends the process at once, whatever still runs. */
  exit(code: number): void;
}

/** Under nohup a terminal's closing must not end the program, and listening would undo that. */
function stopSignals(): NodeJS.Signals[] {
  return hangUpIgnored() ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/** SIGHUP is the first bit of the mask of ignored signals (proc(5)). */
function hangUpIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*[0-9a-f]*([0-9a-f])$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return (Number.parseInt(mask ?? '0', 16) & 1) === 1;
  } catch {
    return false;
  }
}

/** The process's own. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  // A reader that went away (`| head`) ends the output, not the program.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const signals = stopSignals();
  return {
    ...{ stdin, stdout, stderr, env },
    cwd: process.cwd(),
    onStop(listener) {
      for (const signal of signals) process.on(signal, listener);
      return () => signals.forEach((signal) => process.off(signal, listener));
    },
    exit: (code) => process.exit(code),
  };
}

/** One line on standard output. What others wrote may be in it, and must not command the terminal. */
export function say(io: Io, line = ''): void {
  io.stdout.write(`${escapeControls(line)}\n`);
}

/** One line on standard error. */
export function warn(io: Io, line: string): void {
  io.stderr.write(`${escapeControls(line)}\n`);
}

/** A part of an export. Waits for a reader who is slower. */
export async function put({ stdout }: Io, text: string): Promise<void> {
  if (!stdout.write(text)) await new Promise<void>((resolve) => stdout.once('drain', resolve));
}
