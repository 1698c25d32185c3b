/** Processes that share the database. What a process has claimed is its own as long as its row is alive, by the database's clock. */
export interface ProcessStore {
  /** @returns this process's id. `replaces`: whoever had this name before is known to be dead, unless it said that it ends. */
  register(name: string, ttlSeconds: number, replaces: boolean): Promise<number>;
  /** @returns false when the row is gone: another process took this one for dead. @throws soon where the database doesn't answer */
  renew(id: number, ttlSeconds: number): Promise<boolean>;
  /** Whether the row is there and alive at this moment. @throws soon where the database doesn't answer */
  holds(id: number): Promise<boolean>;
  /** From now on somebody else may have its port although it is alive. */
  end(id: number): Promise<void>;
  /** Gives everything back that this process had claimed. */
  release(id: number): Promise<void>;
  /**
   * Frees what dead processes had claimed; never the one that asks: while nobody has buried it, it may go on after a pause. What is claimed in the name of
   * a process that is no longer known is freed too.
   * @returns how many there were
   */
  buryDead(self: number): Promise<number>;
  /** Puts the presence of every account that should be online, and that nobody holds a session for, into its lane. */
  restorePresence(): Promise<number>;
  alive(): Promise<number>;
}

/** Work that only one process may do at a time, and only once a period. */
export interface LeaseStore {
  /** @returns false when another process holds it, or when work that didn't fail began less than `sinceSeconds` ago. */
  take(name: string, processId: number, ttlSeconds: number, sinceSeconds: number): Promise<boolean>;
  done(name: string, processId: number): Promise<void>;
  /** The work may be taken up again at once, by anybody. */
  failed(name: string, processId: number): Promise<void>;
}
