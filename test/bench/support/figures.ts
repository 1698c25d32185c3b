/** One line of the result. */
export interface Figure {
  measure: string;
  /** What was counted, over what. */
  what: string;
  value: number;
  unit: string;
  /** The same without Foyer, in the same run. */
  raw?: number;
  target?: Target;
  lost?: number;
  doubled?: number;
}

/** What is to be reached, against the raw figure of the same run or by itself. */
export type Target = { atLeastOfRaw: number } | { atMostOverRaw: number } | { atLeast: number } | { atMost: number };

export function reached({ value, raw = 0, target, lost = 0, doubled = 0 }: Figure): boolean | null {
  if (lost + doubled > 0) return false;
  if (target === undefined) return null;
  if ('atLeastOfRaw' in target) return value >= raw * target.atLeastOfRaw;
  if ('atMostOverRaw' in target) return value <= raw + target.atMostOverRaw;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** The value below which so much of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function percentiles(values: readonly number[]): { p50: number; p95: number; p99: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
  };
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

const HEADINGS = ['measure', 'what', 'figure', 'raw', 'of raw', 'target', '', 'lost', 'doubled'];
/** Columns that hold words; the others are figures. */
const WORDS = new Set([0, 1, 5, 6]);

export function table(figures: readonly Figure[]): string {
  const lines = [HEADINGS, ...figures.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        WORDS.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [text[0], widths.map((width) => '-'.repeat(width)).join('  '), ...text.slice(1)].join('\n');
}

function cells(figure: Figure): string[] {
  const { measure, what, value, unit, raw, lost, doubled } = figure;
  const verdict = reached(figure);
  return [
    ...[measure, what, `${rounded(value)} ${unit}`, raw === undefined ? '' : rounded(raw)],
    ...[
      raw === undefined ? '' : `${Math.round((value / raw) * 100)} %`,
      targetText(figure),
      verdict === null ? '' : verdict ? 'ok' : 'MISSED',
    ],
    ...[lost === undefined ? '' : String(lost), doubled === undefined ? '' : String(doubled)],
  ];
}

function targetText({ target, unit }: Figure): string {
  if (target === undefined) return '';
  if ('atLeastOfRaw' in target) return `>= ${target.atLeastOfRaw * 100} % of raw`;
  if ('atMostOverRaw' in target) return `<= raw + ${target.atMostOverRaw} ${unit}`;
  return 'atLeast' in target ? `>= ${target.atLeast} ${unit}` : `<= ${target.atMost} ${unit}`;
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
