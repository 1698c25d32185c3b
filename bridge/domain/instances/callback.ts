/** Where an instance's callbacks go and what signs them. Never logged, never put into JSON. */
export interface CallbackTarget {
  instanceName: string;
  /** Null: nobody listens any more. */
  url: string | null;
  /** `whsec_…`, newest first; every callback carries a signature by each. */
  secrets: readonly string[];
}

export interface CallbackTargets {
  get(instanceId: number): Promise<CallbackTarget | undefined>;
}

/** What became of one callback that was sent to try the address. */
export interface CallbackTest {
  delivered: boolean;
  /** The HTTP status; null when there was no answer. */
  status: number | null;
  /** One line; empty when it was delivered. */
  reason: string;
  milliseconds: number;
}
