import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { FoyerError } from '../../shared/errors.js';

/** All limits of requests in one place. Counted per process: with n processes behind a proxy each lets its own share through. */
export interface Limits {
  /** Any request of a page, by address. @throws FoyerError `rate_limited` */
  request(address: string): Promise<void>;
  /** Messages of a visitor. */
  messages(visitorId: number, count: number): Promise<void>;
  /** A chat begun, or a visitor made. */
  begin(address: string): Promise<void>;
}

export interface LimitSettings {
  requestsPerMinutePerAddress: number;
  messagesPerMinutePerVisitor: number;
  chatsPerHourPerAddress: number;
}

export function createLimits(settings: LimitSettings): Limits {
  const requests = new RateLimiterMemory({ points: settings.requestsPerMinutePerAddress, duration: 60 });
  const messages = new RateLimiterMemory({ points: settings.messagesPerMinutePerVisitor, duration: 60 });
  const begun = new RateLimiterMemory({ points: settings.chatsPerHourPerAddress, duration: 3600 });
  return {
    request: (address) => consume(requests, address, 1),
    messages: (visitorId, count) => consume(messages, String(visitorId), count),
    begin: (address) => consume(begun, address, 1),
  };
}

async function consume(limiter: RateLimiterMemory, key: string, points: number): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw new FoyerError('rate_limited', `Too many requests; come back in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }
}
