import type { Target } from './lane.js';

/** How a target's entries are tried again. */
export interface RetryPlan {
  firstMs: number;
  /** The delay doubles up to here. */
  mostMs: number;
  /** An entry older than this is given up, kept as a dead letter, and the lane goes on. */
  giveUpAfterMs: number;
}

const HOURS = 3_600_000;

/** The 75 h 35 min over which Standard Webhooks asks senders to go on, rounded up. */
const GIVE_UP_AFTER_MS = 76 * HOURS;

export const RETRY_PLANS: Record<Target, RetryPlan> = {
  account: { firstMs: 500, mostMs: 15_000, giveUpAfterMs: GIVE_UP_AFTER_MS },
  helpdesk: { firstMs: 1_000, mostMs: 300_000, giveUpAfterMs: GIVE_UP_AFTER_MS },
  mail: { firstMs: 1_000, mostMs: 300_000, giveUpAfterMs: GIVE_UP_AFTER_MS },
};

/**
 * Milliseconds until the next try.
 * @param attempts failed tries so far, at least 1
 * @param random 0 ≤ random < 1; half of the delay is jitter, so that lanes that failed together don't come back together
 */
export function retryDelay(plan: RetryPlan, attempts: number, random: number): number {
  const full = Math.min(plan.mostMs, plan.firstMs * 2 ** Math.min(attempts - 1, 30));
  return Math.round(full / 2 + (full / 2) * random);
}
