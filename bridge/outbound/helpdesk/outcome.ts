import type { Outcome, Refusal } from '../../domain/outbox/entry.js';
import { clockGap } from '../../shared/clock-gap.js';
import { describeError } from '../../shared/errors.js';
import { cleanLine, cut } from '../../shared/text.js';
import type { CallbackAnswer } from './callback-client.js';

/** A helpdesk can't put its callbacks off for longer. */
const RETRY_AFTER_MOST_MS = 3_600_000;
/** Nor ask to be hammered. */
const RETRY_AFTER_LEAST_MS = 1_000;

/**
 * What an answer means for the entry. Redirects are not followed: they count as a failure that somebody must see to.
 */
export function outcomeOf({ status, retryAfter, date, body = '' }: CallbackAnswer, now: Date): Outcome {
  if (status >= 200 && status < 300) return { result: 'done' };
  const refusal = FINAL.has(status) ? readRefusal(body) : null;
  if (status === 410)
    return {
      result: 'dead',
      reason: named('gone: HTTP 410', refusal),
      refusal: refusal ?? { code: 'gone', detail: '' },
    };
  if (refusal) return { result: 'dead', reason: named(`refused: HTTP ${status}`, refusal), refusal };
  const reason = `HTTP ${status}${remark(status, date, now)}`;
  const afterMs = status === 429 || status === 503 ? readRetryAfter(retryAfter, now) : undefined;
  return { result: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** What is said with these and a code is said for good. Without one it may be anybody's on the way, or a fault that is mended tomorrow. */
const FINAL = new Set([409, 410, 422]);

/** Of an RFC 9457 problem with a `code` of its own, as this API's are; of the helpdesk's words a line is enough. */
function readRefusal(body: string): Refusal | null {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof said !== 'object' || said === null || !('code' in said)) return null;
  const { code, detail } = said as { code: unknown; detail?: unknown };
  if (typeof code !== 'string' || !/^[a-z0-9_.-]{1,60}$/.test(code)) return null;
  return { code, detail: typeof detail === 'string' ? cut(cleanLine(detail), 200) : '' };
}

function named(reason: string, refusal: Refusal | null): string {
  return refusal ? `${reason} ${refusal.code}` : reason;
}

/** A helpdesk whose clock is far from ours refuses our signatures for their time. */
function remark(status: number, date: string | undefined, now: Date): string {
  if (status >= 300 && status < 400) return ' (redirects are not followed)';
  const gap = status >= 400 && status < 500 && date !== undefined ? clockGap(Date.parse(date), now.getTime()) : null;
  return gap === null ? '' : ` (its clock is ${gap} the bridge’s)`;
}

export function outcomeOfError(error: unknown): Outcome {
  return { result: 'retry', reason: describeError(error).slice(0, 200) };
}

/**
 * RFC 9110: seconds, or an HTTP date. Milliseconds from `now`, a second at least and an hour at most; undefined when it
 * is neither.
 */
export function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\s*(\d{1,9})\s*$/.exec(header)?.[1];
  const milliseconds = seconds === undefined ? Date.parse(header) - now.getTime() : Number(seconds) * 1000;
  return Number.isNaN(milliseconds)
    ? undefined
    : Math.min(Math.max(milliseconds, RETRY_AFTER_LEAST_MS), RETRY_AFTER_MOST_MS);
}
