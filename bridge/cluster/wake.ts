import type { Wake } from '../domain/reads.js';

/** The listeners of this process. A wake says nothing of what there is: they read from where they stand. */
export class WakeHub implements Wake {
  private readonly listeners = new Subscribers();
  private readonly pages = new Subscribers();

  subscribe(visitorId: number, wake: () => void): () => void {
    return this.listeners.add(visitorId, wake);
  }

  subscribeRevoked(visitorId: number, revoked: () => void): () => void {
    return this.pages.add(visitorId, revoked);
  }

  wake(visitorIds: Iterable<number>): void {
    this.listeners.call(visitorIds);
  }

  wakeAll(): void {
    this.wake(this.listeners.ids());
  }

  /** The tokens of these visitors hold no longer. */
  revoke(visitorIds: Iterable<number>): void {
    this.pages.call(visitorIds);
  }

  /** Visitors that somebody listens for here. */
  visitorIds(): number[] {
    return this.listeners.ids();
  }

  get size(): number {
    return this.listeners.size;
  }

  /** Listens with a visitor's token. */
  get pagesOpen(): number {
    return this.pages.size;
  }
}

/** Callbacks by visitor. */
class Subscribers {
  private readonly byVisitor = new Map<number, Set<() => void>>();

  add(visitorId: number, callback: () => void): () => void {
    const set = this.byVisitor.get(visitorId) ?? new Set();
    set.add(callback);
    this.byVisitor.set(visitorId, set);
    return () => {
      set.delete(callback);
      if (set.size === 0 && this.byVisitor.get(visitorId) === set) this.byVisitor.delete(visitorId);
    };
  }

  call(visitorIds: Iterable<number>): void {
    for (const id of visitorIds) for (const callback of [...(this.byVisitor.get(id) ?? [])]) callback();
  }

  ids(): number[] {
    return [...this.byVisitor.keys()];
  }

  get size(): number {
    let size = 0;
    for (const set of this.byVisitor.values()) size += set.size;
    return size;
  }
}
