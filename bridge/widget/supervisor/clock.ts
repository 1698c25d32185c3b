/** Times as people read them. How long something takes is told by the bridge's clock, whatever this machine's says. */

let ahead = 0;

/** @param at the bridge's time at this moment */
export function setClock(at: string): void {
  ahead = Date.parse(at) - Date.now();
}

/** The text of `element` is how long it has been since then, and goes on with the clock; null: `otherwise` stays there. */
export function showSince(element: HTMLElement, since: string | null, otherwise = ''): void {
  if (since === null) {
    delete element.dataset['since'];
    element.textContent = otherwise;
    return;
  }
  element.dataset['since'] = since;
  element.textContent = durationOf(secondsSince(since));
}

/** Moves on all that counts. */
export function tick(): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-since]'))
    element.textContent = durationOf(secondsSince(element.dataset['since'] ?? ''));
}

/** `0:07`, `12:30`, `2:05:00` */
export function durationOf(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function timeOf(at: string): string {
  return TIME.format(new Date(at));
}

export function dayAndTimeOf(at: string): string {
  return DAY_AND_TIME.format(new Date(at));
}

function secondsSince(since: string): number {
  return (Date.now() + ahead - Date.parse(since)) / 1000;
}
