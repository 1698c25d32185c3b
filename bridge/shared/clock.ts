/** The bridge's own clock. Leases and deadlines use the database's clock instead (`NOW(3)`), so that several bridges agree. */
export interface Clock {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds that never run backwards; for measuring and for checking a lease that this process holds. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
};
