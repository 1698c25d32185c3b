import type { WakeHub } from './wake.js';

/** A page hears of a commit at another process within this time and a query. */
const LOOK_MS = 200;
const VISITORS_A_QUERY = 1_000;

/**
 * Wakes pages that listen here for what was committed by another process: looks at the feed numbers of the chats they listen to. Only while there is another
 * process; alone, the commit itself wakes them.
 */
export class WakeByOthers {
  private readonly seen = new Map<number, string>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    /** Where the newest chat of each of these visitors stands, as one comparable text. */
    private readonly readPositions: (visitorIds: readonly number[]) => Promise<[number, string][]>,
    private readonly hub: WakeHub,
    private readonly others: () => boolean,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking || !this.others()) return;
    this.looking = true;
    try {
      const ids = this.hub.visitorIds();
      const present = new Set(ids);
      for (const id of this.seen.keys()) if (!present.has(id)) this.seen.delete(id);
      for (let i = 0; i < ids.length; i += VISITORS_A_QUERY)
        this.wakeMoved(await this.readPositions(ids.slice(i, i + VISITORS_A_QUERY)));
    } catch {
      // The database is away: pages find what they missed by their cursor once it is back.
      this.seen.clear();
    } finally {
      this.looking = false;
    }
  }

  private wakeMoved(positions: [number, string][]): void {
    for (const [id, position] of positions) {
      if (this.seen.get(id) !== position) this.hub.wake([id]);
      this.seen.set(id, position);
    }
  }
}
