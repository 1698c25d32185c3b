import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { KeyCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { networkOf } from './client-address.js';
import type { MountDeps } from './mount.js';

/**
 * All limits of requests in one place. Counted per process: with n processes behind a proxy each lets its own share through. Whoever is refused gets
 * `rate_limited` with the time to come back. Addresses are counted as `networkOf` has them.
 *
 * What begins something and what runs already have budgets of their own, so that a flood of the one leaves the other alone.
 */
export interface Limits {
  /** A request without a visitor, or one that begins a chat. */
  stranger(address: string): Promise<void>;
  /** A request of a visitor. */
  visitor(address: string, visitorId: number): Promise<void>;
  /** A request with an API key, or of a supervisor. */
  key(key: Pick<KeyCredential, 'keyId' | 'instanceId' | 'requestsPerMinute' | 'supervisor'>): Promise<void>;
  /** Messages of a visitor. */
  messages(visitorId: number, count: number): Promise<void>;
  /** Messages of all visitors of an instance, at whatever door. */
  messagesOf(instance: { instanceId: number; messagesPerMinute: number | null }, count: number): Promise<void>;
  /** A chat begun, or a visitor made. */
  begin(address: string): Promise<void>;
  /**
   * A chat that is about to begin, among those that this address has open and those that all have begun.
   * @param open how many the record has open for this address
   * @returns call it once the chat is in the record, or won't come there
   */
  chat(address: string, open: () => Promise<number>): Promise<() => void>;
  /** A page that listens. @returns call it when it stops */
  listen(address: string, visitorId: number): () => void;
}

export interface LimitSettings {
  requestsPerMinutePerAddress: number;
  requestsPerMinutePerVisitor: number;
  requestsPerMinutePerKey: number;
  messagesPerMinutePerVisitor: number;
  chatsPerHourPerAddress: number;
  chatsPerMinute: number;
  openChatsPerAddress: number;
  listenersPerAddress: number;
  listenersPerVisitor: number;
}

/** Nobody knows when one of those that are open ends. */
const COME_BACK_SECONDS = 30;

export function createLimits(settings: LimitSettings): Limits {
  const strangers = perMinute(settings.requestsPerMinutePerAddress);
  const known = perMinute(settings.requestsPerMinutePerAddress);
  const visitors = perMinute(settings.requestsPerMinutePerVisitor);
  const keys = perMinute(settings.requestsPerMinutePerKey);
  const messages = perMinute(settings.messagesPerMinutePerVisitor);
  // Each instance has its own measure.
  const instanceRequests = perMinute(Number.MAX_SAFE_INTEGER);
  const instanceMessages = perMinute(Number.MAX_SAFE_INTEGER);
  const begun = new RateLimiterMemory({ points: settings.chatsPerHourPerAddress, duration: 3600 });
  const allChats = perMinute(settings.chatsPerMinute);
  const beginning = new Held();
  const listeningHere = new Held();
  const listeningFor = new Held();
  return {
    stranger: (address) => consume(strangers, networkOf(address)),
    async visitor(address, visitorId) {
      await consume(visitors, visitorId);
      await consume(known, networkOf(address));
    },
    async key({ keyId, instanceId, requestsPerMinute, supervisor }) {
      await consume(keys, supervisor ? `operator:${supervisor.operatorId}` : keyId);
      await consumeUpTo(requestsPerMinute, instanceRequests, instanceId);
    },
    messagesOf: ({ instanceId, messagesPerMinute }, count) =>
      consumeUpTo(messagesPerMinute, instanceMessages, instanceId, count),
    messages: (visitorId, count) => consume(messages, visitorId, count),
    begin: (address) => consume(begun, networkOf(address)),
    async chat(address, open) {
      const network = networkOf(address);
      const release = beginning.take(network);
      try {
        // Counted before the record is read: what is in the record by then is perhaps counted twice, but never missed.
        const unrecorded = beginning.count(network);
        if (unrecorded + (await open()) > settings.openChatsPerAddress)
          throw refusal('Too many chats are open at this address.', COME_BACK_SECONDS);
        // Last, so that nobody who is refused for another reason uses up what all have together.
        await consume(allChats, 'all');
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
    listen(address, visitorId) {
      const network = networkOf(address);
      if (listeningFor.count(visitorId) >= settings.listenersPerVisitor)
        throw refusal('Too many pages of this visitor listen.', COME_BACK_SECONDS);
      if (listeningHere.count(network) >= settings.listenersPerAddress)
        throw refusal('Too many pages of this address listen.', COME_BACK_SECONDS);
      const releases = [listeningFor.take(visitorId), listeningHere.take(network)];
      return () => releases.forEach((release) => release());
    },
  };
}

type Guard = NonNullable<MountDeps['guard']>;

/** For the door of pages. */
export function pageGuard(limits: Limits): Guard {
  return ({ address, visitor }, route) =>
    visitor && route.begins !== true ? limits.visitor(address, visitor.visitorId) : limits.stranger(address);
}

/** For the door of helpdesks. */
export function keyGuard(limits: Limits): Guard {
  return async ({ key }) => {
    if (key) await limits.key(key);
  };
}

/** How much of something is under way for each key. */
class Held {
  private readonly counts = new Map<string | number, number>();

  count(key: string | number): number {
    return this.counts.get(key) ?? 0;
  }

  /** @returns gives it back; more than once does nothing. */
  take(key: string | number): () => void {
    this.counts.set(key, this.count(key) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = this.count(key) - 1;
      if (left === 0) this.counts.delete(key);
      else this.counts.set(key, left);
    };
  }
}

function perMinute(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: 60 });
}

/** @throws FoyerError `rate_limited` */
export async function consume(limiter: RateLimiterMemory, key: string | number, points = 1): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw tooMany(refused);
  }
}

/** @param most null: as many as come @throws FoyerError `rate_limited` */
async function consumeUpTo(
  most: number | null,
  limiter: RateLimiterMemory,
  instanceId: number,
  points = 1,
): Promise<void> {
  if (most === null) return;
  const counted = await limiter.consume(instanceId, points);
  if (counted.consumedPoints > most) throw tooMany(counted);
}

export function tooMany({ msBeforeNext }: RateLimiterRes): FoyerError {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return refusal(`Too many requests; come back in ${seconds} s.`, seconds);
}

function refusal(message: string, retryAfterSeconds: number): FoyerError {
  return new FoyerError('rate_limited', message, { retryAfterSeconds });
}
