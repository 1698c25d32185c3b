/** Keeps account of what tests started, so that the run can end it and name what was forgotten. */
export interface Leftovers {
  /** Registers something that its test must end; the returned function ends it (once) and strikes it off. */
  track(what: string, end: () => Promise<void>): () => Promise<void>;
  /** Registers something shared that lives until the end of the run. */
  atEnd(end: () => Promise<void>): void;
  /** Ends everything, what was registered last first; answers the names of what a test should have ended. */
  endAll(): Promise<string[]>;
}

/** Makes an empty account. */
export function makeLeftovers(): Leftovers {
  const tracked = new Map<() => Promise<void>, string>();
  const shared: (() => Promise<void>)[] = [];
  return {
    track(what, end) {
      const endOnce = async () => {
        if (tracked.delete(endOnce)) await end();
      };
      tracked.set(endOnce, what);
      return endOnce;
    },
    atEnd: (end) => void shared.push(end),
    async endAll() {
      const forgotten = [...tracked.values()];
      for (const end of [...tracked.keys()].reverse()) await end();
      for (const end of shared.splice(0).reverse()) await end();
      return forgotten;
    },
  };
}

const KEY = Symbol.for('foyer.test.leftovers');
const shared = globalThis as { [KEY]?: Leftovers };

/**
 * The account of this mocha run. It is kept on the global object: mocha loads root hooks and spec files in different
 * ways, which gives each a copy of this module.
 */
export const leftovers = (shared[KEY] ??= makeLeftovers());
