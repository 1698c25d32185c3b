/** What people write, freed of what can't be carried or would reach beyond its place. Everything that comes in is cleaned here, once. */

/** What may not stand in XML 1.0, and so can't reach an operator; lone surrogates are seen to by themselves. */
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
const NON_CHARACTERS = /[\uFFFE\uFFFF]/g;
/** Both sets of control characters (terminals obey either), and separators of lines. */
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g;
/** Embeddings, overrides and isolates: one left open turns round whatever is shown behind it, and no client closes it. */
const DIRECTIONS = /[\u202A-\u202E\u2066-\u2069]/g;

/** A message as the record keeps it: the same for every reader. Line breaks become `\n`, halves of surrogate pairs U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(NOT_XML, '').toWellFormed();
}

/** A name, a title or an address: one line, which is shown in the middle of other words. */
export function cleanLine(text: string): string {
  return text.replace(CONTROLS, ' ').replace(NON_CHARACTERS, '').replace(DIRECTIONS, '').toWellFormed().trim();
}

/** The first `most` UTF-16 units, without half of a surrogate pair at the end. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

/** With control characters and directions written out as in JSON: for a terminal or a log, where they would do something. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
