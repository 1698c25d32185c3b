import type { Conditions } from '../routing/rule.js';
import type { Language } from '../texts/say.js';
import type { Question } from './question.js';

/** Words of a desk's own, in place of the widget's. */
export interface DeskTexts {
  greeting?: string;
  placeholder?: string;
  closed?: string;
  /** While the chat waits. */
  wait?: string;
}

/** By language; what isn't there is said in the words for all. */
export type ByLanguage<T> = { readonly [K in Language]?: T };

/** Where the widget shows itself: the first rule that holds decides, and where none holds it does. */
export interface ShowRule {
  readonly when: PageConditions;
  readonly show: boolean;
}

/** What can be known of somebody who only looks at a page. */
export type PageConditions = Pick<Conditions, 'languages' | 'page' | 'referrer'>;

/** Words that come by themselves on some pages, to visitors who don't chat. */
export interface Greeting {
  /** Of its own in the desk. */
  readonly name: string;
  readonly when: PageConditions;
  /** How long the visitor has looked at the page by then. */
  readonly afterSeconds: number;
  /** Once and never again, or once each time that the visitor comes to the site. */
  readonly once: 'visitor' | 'visit';
  readonly text: string;
  readonly translations: ByLanguage<string>;
}

/** How the widget is at a desk. */
export interface WidgetSettings {
  /** That it speaks there, the one for everybody else first; none: all. */
  readonly languages: readonly Language[];
  readonly translations: ByLanguage<DeskTexts>;
  /** Asked before a chat, in this order. */
  readonly questions: readonly Question[];
  readonly showRules: readonly ShowRule[];
  /** The first whose rule holds. */
  readonly greetings: readonly Greeting[];
}

export const PLAIN_WIDGET: WidgetSettings = {
  ...{ languages: [], translations: {}, questions: [], showRules: [], greetings: [] },
};

/** What the widget speaks at this desk to somebody who would like `wanted`. */
export function languageAt({ languages }: WidgetSettings, wanted: string): Language | undefined {
  const [primary] = wanted.toLowerCase().split('-');
  return languages.find((one) => one === primary) ?? languages[0];
}

/** A text in a language, or as it is for all. */
export function translated<T>(text: T, translations: ByLanguage<T>, language: string): T {
  const [primary] = language.toLowerCase().split('-');
  return translations[primary as Language] ?? text;
}
