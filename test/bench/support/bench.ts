import type { LoadClient } from './xmpp-load.js';
import type { BenchChat, BenchFoyer } from './bench-foyer.js';
import type { Figure } from './figures.js';
import type { RawPair } from '../raw.js';

/** What every measure works with. */
export interface Bench {
  foyer: BenchFoyer;
  operators: readonly LoadClient[];
  chats: readonly BenchChat[];
  pairs: readonly RawPair[];
  sizes: Sizes;
  /** A new name for each run, so that its messages can be told from all others. */
  newRun(): string;
  report(figure: Figure): void;
}

export interface Sizes {
  /** Each rate is measured so often, in turn with the others; the median counts. */
  rounds: number;
  messages: number;
  /** Seconds of each stretch of steady messages. */
  steadySeconds: number;
  accounts: number;
  visitors: number;
  spooled: number;
  drains: number;
}

export const FULL: Sizes = {
  rounds: 5,
  messages: 20_000,
  steadySeconds: 4,
  accounts: 3_000,
  visitors: 5_000,
  spooled: 20_000,
  drains: 3,
};
export const QUICK: Sizes = {
  rounds: 2,
  messages: 5_000,
  steadySeconds: 2,
  accounts: 1_000,
  visitors: 500,
  spooled: 5_000,
  drains: 1,
};

export interface Rate {
  perSecond: number;
  lost: number;
  doubled: number;
}
