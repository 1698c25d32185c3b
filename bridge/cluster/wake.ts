import type { Wake } from '../domain/reads.js';

/** The listeners of this process. A wake says nothing of what there is: they read from where they stand. */
export class WakeHub implements Wake {
  private readonly listeners = new Map<number, Set<() => void>>();

  subscribe(visitorId: number, wake: () => void): () => void {
    const set = this.listeners.get(visitorId) ?? new Set();
    set.add(wake);
    this.listeners.set(visitorId, set);
    return () => {
      set.delete(wake);
      if (set.size === 0 && this.listeners.get(visitorId) === set) this.listeners.delete(visitorId);
    };
  }

  wake(visitorIds: Iterable<number>): void {
    for (const id of visitorIds) for (const wake of [...(this.listeners.get(id) ?? [])]) wake();
  }

  wakeAll(): void {
    this.wake([...this.listeners.keys()]);
  }

  /** Visitors that somebody listens for here. */
  visitorIds(): number[] {
    return [...this.listeners.keys()];
  }

  listenersOf(visitorId: number): number {
    return this.listeners.get(visitorId)?.size ?? 0;
  }

  get size(): number {
    let size = 0;
    for (const set of this.listeners.values()) size += set.size;
    return size;
  }
}
