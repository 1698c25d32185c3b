const BASE_MS = 1000;
const CAP_MS = 30_000; // a visitor looks at the window: longer feels dead

/**
 * Milliseconds to wait after the `failures`-th failure in a row (from 1): doubling from 1 s to 30 s, of which the upper half is
 * jitter, so that the pages of a site don't come back in step after an outage.
 */
export function backoff(failures: number, random: () => number): number {
  const full = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 10));
  return full / 2 + (random() * full) / 2;
}
