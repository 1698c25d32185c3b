/** Clocks of two machines that exchange signed requests may differ by so many seconds, both ways. */
export const TOLERANCE_SECONDS = 300;

/** How far another clock is from ours, when that is too far: `10 minutes ahead of` or `behind`; else null. */
export function clockGap(thereMs: number, hereMs: number): string | null {
  const seconds = Math.abs(thereMs - hereMs) / 1000;
  if (!(seconds > TOLERANCE_SECONDS)) return null;
  return `${Math.round(seconds / 60)} minutes ${thereMs > hereMs ? 'ahead of' : 'behind'}`;
}
