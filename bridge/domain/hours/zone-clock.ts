/** The clock on the wall of a time zone, from the zone data that the runtime carries. */

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Formats are dear to make, and there are no more of them than zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = 'numeric' as const;
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short' },
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(timeZone, made);
  return made;
}

/** Names of the IANA database (`Europe/Berlin`, `UTC`); a bare offset names no place and so no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds by which the zone's clock is ahead of UTC at this instant. */
export function offsetAt(timeZone: string, instant: number): number {
  const fields = new Map<string, number>();
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) fields.set(type, Number(value));
  const of = (name: string): number => fields.get(name) ?? 0;
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return wall - Math.floor(instant / 1000) * 1000;
}

/** A time of the zone's clock, written as if it were UTC. */
export function wallAt(timeZone: string, instant: number): number {
  return instant + offsetAt(timeZone, instant);
}

/**
 * Instants at which the clock may come to show this time: none when it is skipped, two when it is shown twice; and the moment at which the clock is
 * changed, where that is within a day of it.
 */
export function instantsNear(timeZone: string, wall: number): number[] {
  const [early, late] = [wall - DAY_MS, wall + DAY_MS];
  const offsets = [offsetAt(timeZone, early), offsetAt(timeZone, late)] as const;
  if (offsets[0] === offsets[1]) return [wall - offsets[0]];
  return [...offsets.map((offset) => wall - offset), changeBetween(timeZone, early, late)];
}

/** The zone's offset differs at both ends: the first instant of the new one. */
function changeBetween(timeZone: string, from: number, to: number): number {
  const before = offsetAt(timeZone, from);
  let [low, high] = [from, to];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(timeZone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Days since 1970-01-01 of a date such as `2026-12-24`; null when there is no such day. */
export function dayOf(date: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date ? null : at / DAY_MS;
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}
