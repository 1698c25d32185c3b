import { isDeepStrictEqual } from 'node:util';
import { overviewOf, type Overview, type SupervisionReads } from '../../domain/supervision/overview.js';
import { FoyerError } from '../../shared/errors.js';

/** At most one snapshot in so long; a change is told so much later at the latest, and the time that it takes to read it. */
const LOOK_MS = 1_000;
/** Streams of one instance at this process. */
export const STREAMS_AT_MOST = 100;
/** Nobody knows when one of those that are open ends. */
const COME_BACK_SECONDS = 30;

export interface Snapshot {
  at: Date;
  overview: Overview;
}

export interface Watcher {
  instanceId: number;
  /** Nothing is told once it is revoked or over. */
  keyId: number;
  tell: (text: string) => void;
  /** Nothing more comes: the key is revoked, the database is away, or the process ends. */
  end: () => void;
}

/** Streams of overviews: one read of an instance serves all that listen to it here, and whatever process changes something, it is in the database. */
export class OverviewWatch {
  private readonly watchers = new Map<number, Set<Watcher>>();
  private readonly last = new Map<number, Snapshot>();
  private looking = false;
  private wake: () => void = () => undefined;

  /** @param render once for all who are told it */
  constructor(
    private readonly reads: SupervisionReads,
    private readonly render: (snapshot: Snapshot) => string,
    private readonly shutdown: AbortSignal,
  ) {}

  /**
   * Tells the overview as it is now, and each that differs from the one before.
   * @returns ends it; more than once does nothing
   * @throws FoyerError `rate_limited`
   */
  watch(watcher: Watcher): () => void {
    const { instanceId } = watcher;
    const those = this.watchers.get(instanceId) ?? new Set();
    if (those.size >= STREAMS_AT_MOST)
      throw new FoyerError('rate_limited', 'Too many listen to this overview.', {
        retryAfterSeconds: COME_BACK_SECONDS,
      });
    this.watchers.set(instanceId, those.add(watcher));
    const known = this.last.get(instanceId);
    if (known) watcher.tell(this.render(known));
    if (!this.looking) void this.look();
    else if (!known) void this.read(instanceId);
    return () => this.forget(watcher);
  }

  private async look(): Promise<void> {
    this.looking = true;
    const onShutdown = () => this.wake();
    this.shutdown.addEventListener('abort', onShutdown);
    while (this.watchers.size > 0 && !this.shutdown.aborted) {
      await this.endRevoked();
      await Promise.all([...this.watchers.keys()].map((instanceId) => this.read(instanceId)));
      await this.pause();
      for (const id of this.last.keys()) if (!this.watchers.has(id)) this.last.delete(id);
    }
    this.shutdown.removeEventListener('abort', onShutdown);
    this.looking = false;
    for (const instanceId of [...this.watchers.keys()]) this.endAll(instanceId);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.shutdown.aborted) this.wake();
    });
  }

  private async endRevoked(): Promise<void> {
    const all = [...this.watchers.values()].flatMap((those) => [...those]);
    // Where the database is away nothing is read either, and all are ended.
    const holds = await this.reads.keysThatHold([...new Set(all.map(({ keyId }) => keyId))]).catch(() => new Set());
    for (const watcher of all) if (!holds.has(watcher.keyId)) this.end(watcher);
  }

  private async read(instanceId: number): Promise<void> {
    try {
      const now = await overviewOf(this.reads, instanceId);
      const before = this.last.get(instanceId);
      if (before && before.at > now.at) return;
      this.last.set(instanceId, now);
      if (before && isDeepStrictEqual(before.overview, now.overview)) return;
      const text = this.render(now);
      for (const { tell } of this.watchers.get(instanceId) ?? []) tell(text);
    } catch {
      // Whoever listens comes again; ending is the clearest thing to say.
      this.endAll(instanceId);
    }
  }

  private endAll(instanceId: number): void {
    for (const watcher of [...(this.watchers.get(instanceId) ?? [])]) this.end(watcher);
  }

  private end(watcher: Watcher): void {
    this.forget(watcher);
    watcher.end();
  }

  private forget(watcher: Watcher): void {
    const those = this.watchers.get(watcher.instanceId);
    if (those?.delete(watcher) === true && those.size === 0) this.watchers.delete(watcher.instanceId);
  }
}
