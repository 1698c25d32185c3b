/** Time and chance, passed in so that a test can turn them by hand. */
export interface Timers {
  /** Wall-clock milliseconds: unlike a monotonic clock they go on while the machine sleeps. */
  now(): number;
  /** Runs `task` once after `ms`; the answer cancels it. */
  after(ms: number, task: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
}

export const browserTimers: Timers = {
  now: () => Date.now(),
  after: (ms, task) => {
    const id = setTimeout(task, ms);
    return () => clearTimeout(id);
  },
  random: () => Math.random(),
};
