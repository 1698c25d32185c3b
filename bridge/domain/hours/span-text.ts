import { DAY_MINUTES, type Span } from './hours.js';

/** Spans as people write them: `09:00-17:30`, `22:00-02:00` (until the next morning), `18:00-24:00`. */

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/** @returns what is wrong with it, where it is none */
export function parseSpan(text: string): Span | string {
  const [whole, fromHour, fromMinute, toHour, toMinute] = SPAN.exec(text) ?? [];
  if (whole === undefined) return 'must be written 09:00-17:30; the day ends at 24:00';
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = toHour === undefined ? DAY_MINUTES : Number(toHour) * 60 + Number(toMinute);
  if (from === to) return 'begins when it ends: a whole day is 00:00-24:00';
  return { from, to: to < from ? to + DAY_MINUTES : to };
}

export function spanText({ from, to }: Span): string {
  return `${timeText(from)}-${to === DAY_MINUTES ? '24:00' : timeText(to % DAY_MINUTES)}`;
}

function timeText(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Where the spans of one day overlap; null when they don't. */
export function overlapOf(spans: readonly Span[]): string | null {
  const sorted = [...spans].sort((a, b) => a.from - b.from);
  for (const [i, span] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before && span.from < before.to) return `${spanText(before)} and ${spanText(span)} overlap`;
  }
  return null;
}
