import { createHash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { networkOf } from './client-address.js';
import { consume, tooMany } from './limits.js';

/** Right credentials that are remembered; a page or helpdesk that is forgotten is one that may be taken for a guess. */
const PROVEN_AT_MOST = 20_000;

/**
 * Stops those who try credentials: after so many wrong ones from an address, whatever else it tries isn't even looked up for the rest of the minute. A
 * credential that was right before is no guess, so that whoever shares the address goes on.
 */
export class Guesses {
  private readonly wrongOnes: RateLimiterMemory;
  private readonly proven = new Set<string>();

  constructor(private readonly perMinutePerAddress: number) {
    this.wrongOnes = new RateLimiterMemory({ points: perMinutePerAddress, duration: 60 });
  }

  /** Before the credential is looked up. @throws FoyerError `rate_limited` */
  async check(address: string, credential: string): Promise<void> {
    if (this.proven.has(digest(credential))) return;
    const before = await this.wrongOnes.get(networkOf(address));
    if (before !== null && before.consumedPoints >= this.perMinutePerAddress) throw tooMany(before);
  }

  /** It holds. */
  right(credential: string): void {
    const name = digest(credential);
    if (this.proven.has(name)) return;
    const [oldest] = this.proven;
    if (oldest !== undefined && this.proven.size >= PROVEN_AT_MOST) this.proven.delete(oldest);
    this.proven.add(name);
  }

  /** It doesn't hold, or there was none. @throws FoyerError `rate_limited` when that is one too many */
  async wrong(address: string, credential: string | undefined): Promise<void> {
    if (credential !== undefined) this.proven.delete(digest(credential));
    await consume(this.wrongOnes, networkOf(address));
  }
}

/** Credentials themselves are kept nowhere. */
function digest(credential: string): string {
  return createHash('sha256').update(credential).digest('base64');
}
