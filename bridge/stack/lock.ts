import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Somebody else holds the lock and is alive. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  constructor(
    readonly dir: string,
    readonly pid: number,
  ) {
    super(`process ${pid} holds the lock ${dir}`);
  }
}

const TRIES = 100;
const PAUSE_MS = { min: 10, max: 60 }; // far longer than a contender's own file is there

/**
 * Takes a lock for as long as this process lives or until the returned function is called; a dead holder's is taken
 * over. Rejects with LockHeldError when its holder lives (also when the holder is this very process).
 *
 * The lock is a folder in which each contender first puts a file with its name and then looks who else is there: of two
 * the later one sees the earlier one's file, so never do two hold it. Who isn't alone takes the file away again; a
 * file that is still there after a pause is a holder's, else it was another contender's and the next try decides.
 */
export async function takeLock(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (let tries = 0; tries < TRIES; tries += 1) {
    const own = `${process.pid}.${startOf(process.pid)}.${randomBytes(8).toString('hex')}`;
    await writeFile(join(dir, own), '', { flag: 'wx', mode: 0o600 });
    const others = await livingIn(dir, own);
    if (others.length === 0) return async () => rm(join(dir, own), { force: true });
    await rm(join(dir, own), { force: true });
    await delay(randomInt(PAUSE_MS.min, PAUSE_MS.max));
    const still = new Set(await readdir(dir));
    const holder = others.find((other) => still.has(other));
    if (holder !== undefined) throw new LockHeldError(dir, pidOf(holder));
  }
  throw new Error(`too many want the lock ${dir} at once: try again`);
}

/** The files of others whose process lives; those of dead ones are removed. */
async function livingIn(dir: string, own: string): Promise<string[]> {
  const others = (await readdir(dir)).filter((name) => name !== own);
  const dead = others.filter((name) => startOf(pidOf(name)) !== name.split('.')[1]);
  for (const name of dead) await rm(join(dir, name), { force: true });
  return others.filter((name) => !dead.includes(name));
}

function pidOf(name: string): number {
  return Number(name.split('.')[0]);
}

/** When a process started, in clock ticks since boot: tells it from a later one with the same number. Empty when it is dead. */
function startOf(pid: number): string {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  } catch {
    return '';
  }
}
