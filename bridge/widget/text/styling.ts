import { linkify, type Segment } from './linkify.js';

/** What a text says once its marks are understood: plain words, links, and stretches that look otherwise. */
export type Styled = string | Segment | { tag: Tag; children: Styled[] };

export type Tag = 'strong' | 'em' | 's' | 'code' | 'pre' | 'blockquote';

const SPANS: Record<string, Tag> = { '*': 'strong', _: 'em', '~': 's', '`': 'code' };
const FENCE = '```';
const SPACE = /[\s\u0085]/;
/** Quotes within quotes; what is deeper is shown with its signs. */
const DEEPEST = 6;

/**
 * Reads a text by the rules of XEP-0393 (1.1.1): blocks first, then the spans of each line. Marks of spans stay in the text; those of blocks, which the look
 * replaces, don't, but for words beside an opening fence. Takes time in proportion to the text's length, whatever is in it.
 */
export function readStyling(text: string): Styled[] {
  return readBlocks(text.split('\n'), 0);
}

function readBlocks(lines: readonly string[], depth: number): Styled[] {
  const found: Styled[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i] ?? '';
    const begin = i;
    if (line.startsWith(FENCE)) {
      do i += 1;
      while (i < lines.length && lines[i] !== FENCE);
      const words = line === FENCE ? [] : [line];
      found.push({ tag: 'pre', children: [[...words, ...lines.slice(begin + 1, i)].join('\n')] });
      i += 1;
    } else if (line.startsWith('>') && depth < DEEPEST) {
      while (lines[i]?.startsWith('>')) i += 1;
      const quoted = lines.slice(begin, i).map((one) => one.slice(SPACE.test(one.charAt(1)) ? 2 : 1));
      found.push({ tag: 'blockquote', children: readBlocks(quoted, depth + 1) });
    } else {
      i += 1;
      found.push(...readSpans(line, ''));
      // A block begins a line of its own.
      const next = lines[i];
      if (next !== undefined && !next.startsWith(FENCE) && !(next.startsWith('>') && depth < DEEPEST)) found.push('\n');
    }
  }
  return found;
}

/** @param before the mark that this stretch follows; '' at the beginning of a block */
function readSpans(text: string, before: string): Styled[] {
  const found: Styled[] = [];
  /** Marks without an end from here on. */
  const endless = new Set<string>();
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text.charAt(at);
    const tag = SPANS[mark];
    if (!tag || mark === before || endless.has(mark)) continue;
    if (at > 0 && !SPACE.test(text.charAt(at - 1))) continue;
    const end = endOf(text, at, mark);
    if (end < 0) endless.add(mark);
    if (end <= at + 1) continue;
    found.push(...linkify(text.slice(from, at)));
    const inner = text.slice(at + 1, end);
    found.push({ tag, children: [mark, ...(tag === 'code' ? [inner] : readSpans(inner, mark)), mark] });
    from = end + 1;
    at = end;
  }
  return [...found, ...linkify(text.slice(from))];
}

/** Where the span that opens at `at` closes: its first mark with no space before it. 0: it doesn't open; -1: nothing closes it, nor a later one. */
function endOf(text: string, at: number, mark: string): number {
  const next = text.charAt(at + 1);
  if (next === '' || next === mark || SPACE.test(next)) return 0;
  let end = at;
  do end = text.indexOf(mark, end + 1);
  while (end > 0 && SPACE.test(text.charAt(end - 1)));
  return end;
}
