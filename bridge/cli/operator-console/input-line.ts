import { cleanText } from '../../shared/text.js';

/** What a line that the operator typed asks for. */
export type Input =
  | { kind: 'say'; to: number | 'last'; text: string }
  | { kind: 'list' }
  | { kind: 'help' }
  | { kind: 'quit' }
  | { kind: 'nothing' }
  | { kind: 'unknown'; command: string };

/**
 * Reads a line. `1 text` is for contact 1 only where there is one, so that an answer may begin with a number; `@1 text` is for contact 1 in any case.
 * What was pasted may hold characters that no stanza can: one of them would end the operator's stream.
 * @param known whether there is a contact of this number
 */
export function readInput(line: string, known: (number: number) => boolean): Input {
  const trimmed = cleanText(line).trim();
  if (trimmed === '') return { kind: 'nothing' };
  if (trimmed.startsWith('/')) {
    const command = trimmed.slice(1).split(/\s/, 1)[0] ?? '';
    if (command === 'list' || command === 'quit' || command === 'help') return { kind: command };
    return { kind: 'unknown', command };
  }
  const addressed = /^(@?)(\d{1,6})[:,]?\s+(\S.*)$/s.exec(trimmed);
  const number = Number(addressed?.[2]);
  if (addressed && (addressed[1] === '@' || known(number)))
    return { kind: 'say', to: number, text: addressed[3] ?? '' };
  return { kind: 'say', to: 'last', text: trimmed };
}
