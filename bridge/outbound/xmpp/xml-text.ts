/** Everything outside XML 1.0's `Char` production; with the `u` flag a lone surrogate counts as itself, thus as outside. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
/** Characters that are legal but would break a name over lines. */
const LINE_BREAKS = /[\t\n\r\u{85}\u{2028}\u{2029}]+/gu;

const NAME_LENGTH = 200;

/**
 * Text that can be put into a stanza: one illegal character would end the stream, of the visitor or of every operator who
 * reads it. Illegal ones become U+FFFD; line ends become a line feed, as any XML reader would make of them.
 */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(NOT_XML, '\u{FFFD}');
}

/** The same on one line and at most 200 characters long, for names. */
export function cleanName(text: string): string {
  const line = cleanText(text).replace(LINE_BREAKS, ' ').trim();
  return line.length > NAME_LENGTH ? [...line].slice(0, NAME_LENGTH).join('') : line;
}
