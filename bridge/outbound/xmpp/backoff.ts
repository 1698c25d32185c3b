const SHORTEST_MS = 500;
const LONGEST_MS = 60_000;

/**
 * Milliseconds to wait before the next login after `failures` (1, 2, …) that failed: up to twice as long each time, from 0.5 s
 * to 60 s, spread at random so that thousands of sessions don't come back in the same moment. `random` is in [0, 1).
 */
export function reconnectDelay(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(failures, 20));
  return Math.round(SHORTEST_MS + random * (ceiling - SHORTEST_MS));
}
