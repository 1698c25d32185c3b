/** A stretch of text; with `href` it is a link. */
export interface Segment {
  text: string;
  href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'`\u0000-\u001f\u202a-\u202e\u2066-\u2069]+/gi;
const CLOSERS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Punctuation that ends the sentence isn't part of the address; a bracket is, when it was opened inside. */
function trimEnd(address: string): string {
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    const opener = CLOSERS[last];
    if (opener) {
      const body = address.slice(0, end);
      if (body.split(opener).length >= body.split(last).length) break;
    } else if (!'.,;:!?*_~'.includes(last)) break;
  }
  return address.slice(0, end);
}

/**
 * Cuts a text into plain stretches and links. Only http and https become links, and only where the browser's own parser agrees.
 * The stretches joined give the text back unchanged.
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
    if (!/^https?:$/.test(url.protocol)) continue;
    if (match.index > from) segments.push({ text: text.slice(from, match.index) });
    segments.push({ text: address, href: url.href });
    from = match.index + address.length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}
