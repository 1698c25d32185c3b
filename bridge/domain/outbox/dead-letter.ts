import type { OutboxEntry } from './entry.js';
import type { Target } from './lane.js';

/** An entry that was given up, kept until a person decides. */
export interface DeadLetter {
  /** The number that it had in the outbox. */
  id: number;
  lane: string;
  target: Target;
  /** Whom it is about. */
  instanceId: number;
  accountId: number | null;
  entry: OutboxEntry;
  attempts: number;
  reason: string;
  createdAt: Date;
  diedAt: Date;
}

export interface DeadLetterStore {
  /** Locks and removes it. */
  take(instanceId: number, id: number): Promise<DeadLetter | undefined>;
}
