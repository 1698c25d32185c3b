import { DAY_MS, MINUTE_MS, dayOf, instantsNear, wallAt, weekdayOf } from './zone-clock.js';

/** Minutes since the midnight that began its day; past 1440 it goes on after the next midnight. `to` itself is outside. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A date with spans of its own, in place of its weekday's. Without spans: closed. */
export interface HoursException {
  /** `2026-12-24` */
  readonly date: string;
  /** What people call the day. */
  readonly name: string | null;
  readonly spans: readonly Span[];
}

/**
 * When a department takes chats: whenever the clock on its wall shows a time within a span. So an hour that the clock shows twice counts twice, and one
 * that it skips is missed by nobody. A span belongs to the day on which it begins: a shift into a holiday ends as on any other day.
 */
export interface Hours {
  /** IANA name. */
  readonly timeZone: string;
  /** From Monday to Sunday. */
  readonly week: readonly (readonly Span[])[];
  readonly exceptions: readonly HoursException[];
}

export const DAY_MINUTES = 1440;

export function isOpen(hours: Hours, at: Date): boolean {
  const wall = wallAt(hours.timeZone, at.getTime());
  const day = Math.floor(wall / DAY_MS);
  const minute = Math.floor((wall - day * DAY_MS) / MINUTE_MS);
  const holds = (spans: readonly Span[], time: number): boolean =>
    spans.some(({ from, to }) => from <= time && time < to);
  return holds(spansOf(hours, day), minute) || holds(spansOf(hours, day - 1), minute + DAY_MINUTES);
}

/** Days in which every weekday comes round often enough for a day of the clock's change not to matter. */
const ROUND_DAYS = 22;
/** Nobody is told of a change that is further away. */
const FAR_DAYS = 400;

/** Two for the end of a span, one for the clock's change behind it, one for the zone's distance from UTC. */
const DAYS_TOGETHER = [0, 1, 2, 3, 4];

/** When `isOpen` next becomes otherwise; null when it doesn't within a year. */
export function nextChange(hours: Hours, at: Date): Date | null {
  const open = isOpen(hours, at);
  const today = Math.floor(wallAt(hours.timeZone, at.getTime()) / DAY_MS);
  const lastException = Math.max(today, ...hours.exceptions.map(({ date }) => dayOf(date) ?? 0));
  const end = Math.min(lastException + ROUND_DAYS, today + FAR_DAYS);
  const turns = (day: number): number[] =>
    boundariesOf(hours, day).filter((turn) => turn > at.getTime() && isOpen(hours, new Date(turn)) !== open);
  for (let day = today - 1; day <= end; day += 1) {
    // What a day brings may come after what later days do: a span ends a day after its own, and the change of a clock is looked for another day around.
    if (turns(day).length > 0) return new Date(Math.min(...DAYS_TOGETHER.flatMap((more) => turns(day + more))));
  }
  return null;
}

/** Instants at which a span that begins on this day begins or ends, or the clock is changed near it. */
function boundariesOf(hours: Hours, day: number): number[] {
  return spansOf(hours, day)
    .flatMap(({ from, to }) => [from, to])
    .flatMap((time) => instantsNear(hours.timeZone, day * DAY_MS + time * MINUTE_MS));
}

function spansOf({ week, exceptions }: Hours, day: number): readonly Span[] {
  const exception = exceptions.find(({ date }) => dayOf(date) === day);
  return exception ? exception.spans : (week[weekdayOf(day)] ?? []);
}
