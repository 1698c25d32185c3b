import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';

/** The wish to end, once it has been uttered. */
export interface Stop {
  /** Resolves with the first signal. */
  readonly asked: Promise<string>;
  /** Aborted by the first signal: what is just being started ends itself. */
  readonly signal: AbortSignal;
  dispose(): void;
}

/** Listens for Ctrl-C and its kind. The first one asks, a second one ends the process at once. */
export function listenForStop(io: Io): Stop {
  const aborter = new AbortController();
  let tell: (signal: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const dispose = io.onStop((signal) => {
    if (aborter.signal.aborted) return io.exit(EXIT.interrupted);
    tell(signal);
    aborter.abort();
  });
  return { asked, signal: aborter.signal, dispose };
}

/** Waits for the work for so long at most. @returns whether it was done in time; what it throws counts as not done */
export async function doneWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
