import type { Visitor } from '../visitors/visitor.js';
import type { VisitorFacts } from './rule.js';

/** What a visitor wants that isn't in the record. */
export interface Wishes {
  /** The browser's, dearest first. */
  languages?: readonly string[];
  department?: string | undefined;
}

export const NOTHING_KNOWN: VisitorFacts = { languages: [], pageUrl: null, referrer: null, metadata: {}, chosen: null };

export function factsOf(visitor: Visitor, { languages = [], department }: Wishes = {}): VisitorFacts {
  const { language, pageUrl, referrer, custom } = visitor;
  return {
    languages: languages.length > 0 || language === null ? languages : [language],
    ...{ pageUrl, referrer, metadata: custom, chosen: department ?? null },
  };
}
