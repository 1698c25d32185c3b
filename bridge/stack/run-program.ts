import { spawn } from 'node:child_process';

/** A program ended with another code than 0, or was killed; `said` is all it printed. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  constructor(
    message: string,
    readonly said: string,
  ) {
    super(message);
  }
}

/**
 * Runs a program to its end and resolves with what it printed, both streams. It runs in a session of its own: Ctrl-C is
 * for us, who decide. On abort, and after `timeoutMs`, it is killed with everything that it started.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<string> {
  const { env, cwd, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void chunks.push(chunk));
    const killAll = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended in this very moment: its `close` event is on the way.
      }
    };
    const late = setTimeout(killAll, timeoutMs);
    signal?.addEventListener('abort', killAll, { once: true });
    const over = () => {
      clearTimeout(late);
      signal?.removeEventListener('abort', killAll);
    };
    child.once('error', (error) => {
      over();
      reject(error);
    });
    child.once('close', (code, killedBy) => {
      over();
      const said = Buffer.concat(chunks).toString('utf8');
      if (code === 0) resolve(said);
      else reject(new ProgramError(`${command} ended with ${killedBy ?? `code ${code}`}: ${said.trim()}`, said));
    });
  });
}
