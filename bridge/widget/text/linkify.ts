/** A stretch of text; with `href` it is a link. */
export interface Segment {
  text: string;
  href?: string;
  /** Where the link really goes, in ASCII, when its text shows letters that may pass for others. */
  host?: string;
}

const ADDRESS =
  /https?:\/\/[^\s<>"'`\u0000-\u001f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+|mailto:[\w.+-]+@[a-z\d-]+(?:\.[a-z\d-]+)+/gi;
const BRACKETS = ['()', '[]', '{}'] as const;

/** Punctuation that ends the sentence isn't part of the address; a bracket is, when it was opened inside. */
function trimEnd(address: string): string {
  const count = (mark = ''): number => address.split(mark).length;
  const unopened = new Map(BRACKETS.map(([open, close]) => [close, count(close) - count(open)]));
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    const surplus = unopened.get(last);
    if (surplus !== undefined) {
      if (surplus <= 0) break;
      unopened.set(last, surplus - 1);
    } else if (!'.,;:!?*_~'.includes(last)) break;
  }
  return address.slice(0, end);
}

/**
 * Cuts a text into plain stretches and links. Only http, https and bare mail addresses become links, and only where the browser's own parser agrees; never an
 * address with a user's name in front, which looks like the host. The stretches joined give the text back unchanged.
 */
export function linkify(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0]);
    let url: URL;
    try {
      url = new URL(address);
    } catch {
      continue;
    }
    if (!/^(https?|mailto):$/.test(url.protocol) || url.username || url.password) continue;
    if (match.index > from) segments.push({ text: text.slice(from, match.index) });
    const foreign = /(^|\.)xn--/.test(url.hostname) && !address.toLowerCase().includes(url.hostname);
    segments.push({ text: address, href: url.href, ...(foreign && { host: url.hostname }) });
    from = match.index + address.length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}
