import type { Clock } from '../shared/clock.js';
import type { WakeHub } from './wake.js';

/** A page whose token was revoked at another process, or at the command line, is ended within this time and a query. */
const LOOK_MS = 200;
/** Looked at again for so long: a revocation is seen only once it has committed, and a page may be just about to listen. */
const OVERLAP_SECONDS = 10;

/** Ends pages that listen here with a token that was revoked elsewhere. */
export class RevokedByOthers {
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  /** When the last look that succeeded began. */
  private lookedAt: number;

  constructor(
    /** Visitors whose token was revoked within the last seconds. */
    private readonly revokedSince: (seconds: number) => Promise<number[]>,
    private readonly hub: WakeHub,
    private readonly clock: Clock,
  ) {
    this.lookedAt = clock.monotonic();
  }

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    const now = this.clock.monotonic();
    // Whoever begins to listen later has shown a token that held then.
    if (this.hub.pagesOpen === 0) {
      this.lookedAt = now;
      return;
    }
    this.looking = true;
    try {
      this.hub.revoke(await this.revokedSince(Math.ceil((now - this.lookedAt) / 1000) + OVERLAP_SECONDS));
      this.lookedAt = now;
    } catch {
      // The database is away: the next look reaches back to before it went.
    } finally {
      this.looking = false;
    }
  }
}
