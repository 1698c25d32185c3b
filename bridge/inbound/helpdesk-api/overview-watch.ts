import { isDeepStrictEqual } from 'node:util';
import type { PageSessions, Supervisor } from '../../domain/reads.js';
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

/** What is told at a time. Each text is made once for all who are told it. */
export interface Telling {
  /** All of it. */
  whole: () => string;
  /** What differs from what was told before. */
  change: () => string;
}

export interface Watcher {
  instanceId: number;
  /** Of these departments alone; undefined: of all. */
  departments: readonly number[] | undefined;
  /** The key, or the session, by which it listens. Nothing is told once that is revoked or over. */
  credential: { keyId: number } | { session: Buffer };
  /** Whether who is signed in by this session may still see those departments, and no others have come. */
  seesTheSame: (supervisor: Supervisor) => boolean;
  /** @param first nothing was told before */
  tell: (telling: Telling, first: boolean) => void;
  /** Nothing more comes: the key is revoked, the session or what it sees has changed, the database is away, or the process ends. */
  end: () => void;
}

/** Renders what is told, from what was told before on. */
export interface Render {
  whole: (snapshot: Snapshot) => string;
  change: (before: Snapshot, now: Snapshot) => string;
}

/** All who listen to the same departments of an instance. */
interface Group {
  instanceId: number;
  departments: readonly number[] | undefined;
  watchers: Set<Watcher>;
  last: Snapshot | null;
}

/**
 * Streams of overviews: one read serves all that listen to the same departments here, and whatever process changes something, it is in the database
 * (adr/0008).
 */
export class OverviewWatch {
  private readonly groups = new Map<string, Group>();
  private looking = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly reads: SupervisionReads,
    private readonly sessions: Pick<PageSessions, 'supervisors'>,
    private readonly render: Render,
    private readonly shutdown: AbortSignal,
  ) {}

  /**
   * Tells the overview as it is now, and each that differs from the one before.
   * @returns ends it; more than once does nothing
   * @throws FoyerError `rate_limited`
   */
  watch(watcher: Watcher): () => void {
    const { instanceId, departments } = watcher;
    if (this.listening(instanceId) >= STREAMS_AT_MOST)
      throw new FoyerError('rate_limited', 'Too many listen to this overview.', {
        retryAfterSeconds: COME_BACK_SECONDS,
      });
    const name = nameOf(watcher);
    const group = this.groups.get(name) ?? { instanceId, departments, watchers: new Set(), last: null };
    this.groups.set(name, group);
    group.watchers.add(watcher);
    const { last } = group;
    if (last) watcher.tell(this.telling(last, last), true);
    if (!this.looking) void this.look();
    else if (!last) void this.read(group);
    return () => this.forget(watcher);
  }

  private listening(instanceId: number): number {
    const those = [...this.groups.values()].filter((group) => group.instanceId === instanceId);
    return those.reduce((sum, { watchers }) => sum + watchers.size, 0);
  }

  private async look(): Promise<void> {
    this.looking = true;
    const onShutdown = () => this.wake();
    this.shutdown.addEventListener('abort', onShutdown);
    while (this.groups.size > 0 && !this.shutdown.aborted) {
      await this.endRevoked();
      await Promise.all([...this.groups.values()].map((group) => this.read(group)));
      await this.pause();
    }
    this.shutdown.removeEventListener('abort', onShutdown);
    this.looking = false;
    for (const group of [...this.groups.values()]) this.endAll(group);
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
    const all = [...this.groups.values()].flatMap(({ watchers }) => [...watchers]);
    const keys = new Set(all.flatMap(({ credential }) => ('keyId' in credential ? credential.keyId : [])));
    const sessions = all.flatMap(({ credential }) => ('session' in credential ? credential.session : []));
    // Where the database is away nothing is read either, and all are ended.
    const [holding, signedIn] = await Promise.all([
      this.reads.keysThatHold([...keys]),
      this.sessions.supervisors(sessions),
    ]).catch(() => [new Set<number>(), []] as const);
    const bySession = new Map(signedIn.map((supervisor, i) => [sessions[i]?.toString('base64'), supervisor] as const));
    for (const watcher of all) {
      const { credential } = watcher;
      if ('keyId' in credential) {
        if (!holding.has(credential.keyId)) this.end(watcher);
        continue;
      }
      const supervisor = bySession.get(credential.session.toString('base64'));
      if (!supervisor || !watcher.seesTheSame(supervisor)) this.end(watcher);
    }
  }

  private async read(group: Group): Promise<void> {
    try {
      const now = await overviewOf(this.reads, group.instanceId, group.departments);
      const { last } = group;
      if (last && last.at > now.at) return;
      group.last = now;
      if (last && isDeepStrictEqual(last.overview, now.overview)) return;
      const telling = this.telling(last ?? now, now);
      for (const { tell } of group.watchers) tell(telling, last === null);
    } catch {
      // Whoever listens comes again; ending is the clearest thing to say.
      this.endAll(group);
    }
  }

  private telling(before: Snapshot, now: Snapshot): Telling {
    return { whole: once(() => this.render.whole(now)), change: once(() => this.render.change(before, now)) };
  }

  private endAll({ watchers }: Group): void {
    for (const watcher of [...watchers]) this.end(watcher);
  }

  private end(watcher: Watcher): void {
    this.forget(watcher);
    watcher.end();
  }

  private forget(watcher: Watcher): void {
    const name = nameOf(watcher);
    const group = this.groups.get(name);
    if (group?.watchers.delete(watcher) === true && group.watchers.size === 0) this.groups.delete(name);
  }
}

function nameOf({ instanceId, departments }: Pick<Watcher, 'instanceId' | 'departments'>): string {
  return `${instanceId}:${departments ? [...departments].sort((a, b) => a - b).join(',') : '*'}`;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
