/** ejabberd counts versions by year and month. */
export interface ServerVersion {
  year: number;
  month: number;
}

/**
 * From the text of the `status` command, for example "… Status: startedejabberd 23.01-1 is running in that node" (sic). What
 * Mix built says 26.7.0 for 26.07.
 */
export function parseServerVersion(status: string): ServerVersion | null {
  const found = /ejabberd (\d{2})\.(\d{1,2})\b/.exec(status);
  return found ? { year: Number(found[1]), month: Number(found[2]) } : null;
}

export function isAtLeast(version: ServerVersion, year: number, month: number): boolean {
  return version.year > year || (version.year === year && version.month >= month);
}

/**
 * `srg_create`'s `display` is a list since 24.02 and one string with a literal backslash-n between names before. Both are
 * accepted by both, but the wrong one makes a group that shows nobody.
 */
export function displayArgument(displays: readonly string[], asList: boolean): string[] | string {
  return asList ? [...displays] : displays.join('\\n');
}
