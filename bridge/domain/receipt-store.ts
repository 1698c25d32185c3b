/** Which events, pages' messages and helpdesks' requests were taken before, so that a repeat has no effect. */
export interface ReceiptStore {
  /** Which of these were taken before. */
  known(source: string, ids: readonly string[]): Promise<Set<string>>;
  take(source: string, id: string): void;
  /** The same for an id that may have been taken before; known from then on. */
  remember(source: string, id: string): Promise<void>;
  /** What was answered to the request that this key named first; undefined when the key is new. */
  answer(source: string, id: string): Promise<ReceiptAnswer | undefined>;
  /** Takes the key and keeps the answer, encrypted: it may hold a password that is shown once. */
  keepAnswer(source: string, id: string, answer: ReceiptAnswer): void;
  /** Keeps an event that could not be used, so that a person can look at it. */
  keepRejected(rejected: {
    id: string;
    /** Whom it is about; 0: nobody known. */
    instanceId: number;
    host: string;
    event: unknown;
    code: string;
    reason: string;
  }): void;
  /** Locks and removes it, if it is this instance's; null: whosever it is. */
  takeRejected(id: string, instanceId: number | null): Promise<{ host: string; event: unknown } | undefined>;
}

export interface ReceiptAnswer {
  /** SHA-256 of the request. */
  requestHash: Buffer;
  status: number;
  body: unknown;
}
