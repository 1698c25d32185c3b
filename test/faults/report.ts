import type { Line, Verdict } from './verdict.js';

/** Nothing lost, doubled or out of order, and nothing left lying anywhere. */
export function passed({ lost, doubled, disordered, faults }: Verdict): boolean {
  return lost + doubled + disordered + faults.length === 0;
}

/** The table that a person reads: a line for each fault, then what is wrong. */
export function report(verdict: Verdict): string {
  const rows = verdict.lines.map((line) => cells(line));
  const table = [['fault', 'times', 'seconds', 'messages', 'lost', 'doubled'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const text = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  const { messages, lost, doubled, disordered, refused, repeated } = verdict;
  return [
    ...text,
    '',
    `${messages} messages: ${lost} lost, ${doubled} doubled, ${disordered} sequences out of order`,
    `refused and said again: ${refused}; repeated under the same id: ${repeated.operators} at operators, ${repeated.helpdesk} at the helpdesk`,
    ...verdict.faults,
  ].join('\n');
}

function cells({ fault, times, seconds, messages, lost, doubled }: Line): string[] {
  return [fault, String(times), seconds.toFixed(1), String(messages), String(lost), String(doubled)];
}
