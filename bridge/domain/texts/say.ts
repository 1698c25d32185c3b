import de from './de.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import nl from './nl.json' with { type: 'json' };

/** Everything that Foyer says to operators, and to visitors by mail, one file for each language. */
const TEXTS = { en, de, fr, es, nl } as const satisfies Record<string, typeof en>;

export type TextKey = keyof typeof en;
export type Language = keyof typeof TEXTS;
export const LANGUAGES = Object.keys(TEXTS) as Language[];

/** A text and what stands in its gaps. */
export interface Text {
  key: TextKey;
  values?: Readonly<Record<string, string | number>>;
  /** `error`: what was asked for was not done; `warn`: it was, or was so already, but there is something to mind. */
  tone?: 'warn' | 'error';
}

/** Says that what was asked for was not done. */
export function refusal(key: TextKey, values?: Text['values']): Text {
  return { key, ...(values && { values }), tone: 'error' };
}

/** Whether there are texts in this language. */
export function isSpoken(language: string): boolean {
  return LANGUAGES.includes(primaryOf(language) as Language);
}

function primaryOf(language: string): string {
  return language.toLowerCase().split(/[-_]/)[0] ?? '';
}

/** In the operator's language, or else in English. `de-AT` is German. */
export function say(language: string, { key, values = {} }: Text): string {
  const primary = primaryOf(language);
  const texts = TEXTS[LANGUAGES.find((one) => one === primary) ?? 'en'];
  return texts[key].replace(/\{(\w+)\}/g, (gap, name: string) => String(values[name] ?? gap));
}
