import { readFileSync } from 'node:fs';

/** A text that has broken programs elsewhere. */
export interface HostileText {
  name: string;
  /** As somebody types or sends it. */
  text: string;
  /** What the record keeps of it as a message. */
  message: string;
  /** What is kept of it as a name or another one-line field. */
  line: string;
}

const { texts } = JSON.parse(readFileSync(new URL('../vectors/hostile-texts.json', import.meta.url), 'utf8')) as {
  texts: (Pick<HostileText, 'name' | 'text'> & Partial<HostileText>)[];
};

export const HOSTILE: readonly HostileText[] = texts.map((one) => ({ message: one.text, line: one.text, ...one }));

/** Those that a field of so many characters takes. */
export const hostileLines = (most: number): HostileText[] => HOSTILE.filter(({ text }) => text.length <= most);

/** Texts with a space between them, as many as go into each field. */
export function joinedLines(most: number): { text: string; line: string }[] {
  const parts = [{ text: '', line: '' }];
  for (const { text, line } of hostileLines(most)) {
    const last = parts.at(-1);
    if (last && last.text !== '' && last.text.length + text.length < most) {
      last.text += ` ${text}`;
      last.line += ` ${line}`;
    } else parts.push({ text, line });
  }
  return parts.slice(1);
}
