/** Languages that the widget speaks; each has a file in `strings/`. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'nl'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The first wish that the widget speaks, by its main part (`de-AT` is `de`); English otherwise. */
export function pickLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const main = wish?.toLowerCase().split(/[-_]/)[0];
    const found = LANGUAGES.find((language) => language === main);
    if (found) return found;
  }
  return 'en';
}
