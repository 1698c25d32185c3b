import { say, type Io } from './io.js';

/** A line of a list: what JSON has, and what the table shows under the same names. */
export type Item = Readonly<Record<string, string | number | boolean | null | Date | readonly string[]>>;

/** A list for people, or with --json for programs. @param empty what people read when there is nothing */
export function printItems(
  io: Io,
  items: readonly Item[],
  options: { json: boolean | undefined; empty: string },
): void {
  if (options.json === true) return printJson(io, items);
  const [first] = items;
  if (first === undefined) return say(io, options.empty);
  const columns = Object.keys(first);
  const cells = [
    columns.map((name) => name.replaceAll('_', ' ')),
    ...items.map((item) => columns.map((name) => cell(item[name]))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => [...(line[i] ?? '')].length)));
  for (const line of cells)
    say(
      io,
      line
        .map((text, i) => (i === columns.length - 1 ? text : pad(text, widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
}

export function printJson(io: Io, value: unknown): void {
  say(io, JSON.stringify(value, null, 2));
}

function cell(value: Item[string] | undefined): string {
  if (value === null || value === undefined || value === '') return '-';
  if (value instanceof Date) return value.toISOString().slice(0, 19) + 'Z';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return value.length === 0 ? '-' : value.join(', ');
  // What others wrote may hold line ends and terminal control sequences.
  return String(value).replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

/** By characters: a name with an emoji isn't longer for having two UTF-16 units. */
function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - [...text].length));
}
