import type { Operator } from '../operators/operator.js';

/** What somebody typed: a command, or a text for the visitor. */
export type Typed = { kind: 'command'; word: string; rest: string } | { kind: 'text'; text: string };

const COMMAND = /^[!/](\p{L}[\p{L}\p{N}_-]*)(?:\s+([\s\S]*))?$/u;
/** A space or a second mark in front says that it isn't one. */
const LITERAL = /^(?: (?=[!/]\p{L})|!(?=!\p{L})|\/(?=\/\p{L}))/u;

/**
 * `!word` and `/word` are commands; `/me` is how people speak of themselves. `!!word`, or a space in front, is a text that begins with a mark.
 */
export function parseCommand(text: string): Typed {
  if (LITERAL.test(text)) return { kind: 'text', text: text.slice(1) };
  const [, word, rest = ''] = COMMAND.exec(text.trimEnd()) ?? [];
  if (word === undefined || /^\/me(\s|$)/i.test(text)) return { kind: 'text', text };
  return { kind: 'command', word: word.toLowerCase(), rest: rest.trim() };
}

/** A number in front: `42`, `#42`. */
export function takeNumber(rest: string): { number: number | null; rest: string } {
  const [whole = '', digits] = /^#?(\d{1,9})(?:\s+|$)/.exec(rest) ?? [];
  return digits === undefined ? { number: null, rest } : { number: Number(digits), rest: rest.slice(whole.length) };
}

/** Every name that people know an operator by. */
export function operatorNames<T>(
  { name, jid }: Pick<Operator, 'name' | 'jid'>,
  value: T,
): { name: string; value: T }[] {
  return [name, jid, jid.slice(0, jid.indexOf('@'))].map((one) => ({ name: one, value }));
}

/** The longest of these names that the text begins with, whatever its case, and what stands behind it. */
export function takeName<T>(
  rest: string,
  named: readonly { name: string; value: T }[],
): { value: T; rest: string } | null {
  const typed = rest.toLowerCase();
  const found = named
    .filter(({ name }) => name !== '' && (typed === name.toLowerCase() || typed.startsWith(`${name.toLowerCase()} `)))
    .sort((a, b) => b.name.length - a.name.length)[0];
  return found ? { value: found.value, rest: rest.slice(found.name.length).trim() } : null;
}
