import { globMatches } from './glob.js';

/** What may decide who answers. A field that is unknown is empty. */
export interface VisitorFacts {
  /** As the browser asks for them, the dearest first. */
  languages: readonly string[];
  pageUrl: string | null;
  referrer: string | null;
  /** What the site says of the visitor in words of its own. */
  metadata: Readonly<Record<string, string>>;
  /** Name of the department that the visitor asked for. */
  chosen: string | null;
}

/** All that are given must hold; a rule without any holds for everybody. */
export interface Conditions {
  /** One of them is the visitor's first wish: `de` is also `de-AT`. */
  languages?: readonly string[];
  page?: string;
  referrer?: string;
  metadata?: Readonly<Record<string, string>>;
  chosen?: string;
}

export interface Rule {
  readonly name: string;
  readonly when: Conditions;
  readonly departmentId: number;
  /** What the operator must have, and should have. */
  readonly skills: { readonly required: readonly string[]; readonly preferred: readonly string[] };
}

/** One condition, held against what is known. */
export interface Held {
  on: string;
  wants: string;
  found: string | null;
  holds: boolean;
}

export interface Step {
  rule: Rule;
  holds: boolean;
  conditions: Held[];
}

export interface Decision {
  departmentId: number;
  /** Null: no rule held, the desk's own department answers. */
  rule: Rule | null;
  /** Up to the rule that held. */
  steps: Step[];
}

/** The first rule that holds decides. */
export function decide(rules: readonly Rule[], facts: VisitorFacts, ownDepartmentId: number): Decision {
  const steps: Step[] = [];
  for (const rule of rules) {
    const conditions = hold(rule.when, facts);
    const holds = conditions.every((condition) => condition.holds);
    steps.push({ rule, holds, conditions });
    if (holds) return { departmentId: rule.departmentId, rule, steps };
  }
  return { departmentId: ownDepartmentId, rule: null, steps };
}

/** Whether all of them hold. */
export function holds(conditions: Conditions, facts: VisitorFacts): boolean {
  return hold(conditions, facts).every((condition) => condition.holds);
}

function hold({ languages, page, referrer, metadata = {}, chosen }: Conditions, facts: VisitorFacts): Held[] {
  const held: Held[] = [];
  const add = (on: string, wants: string | undefined, found: string | null, test: (wants: string) => boolean): void => {
    if (wants !== undefined) held.push({ on, wants, found, holds: found !== null && test(wants) });
  };
  const [first = null] = facts.languages;
  add('language', languages?.join(', '), first, () => languages?.some((one) => speaks(first ?? '', one)) ?? false);
  add('page', page, facts.pageUrl, (pattern) => addressMatches(pattern, facts.pageUrl ?? ''));
  add('referrer', referrer, facts.referrer, (pattern) => addressMatches(pattern, facts.referrer ?? ''));
  for (const [key, pattern] of Object.entries(metadata)) {
    const value = Object.hasOwn(facts.metadata, key) ? (facts.metadata[key] ?? null) : null;
    add(`metadata.${key}`, pattern, value, () => globMatches(pattern, value ?? ''));
  }
  add('department', chosen, facts.chosen, (name) => name.toLowerCase() === facts.chosen?.toLowerCase());
  return held;
}

/** Whether a language is this one, or a variety of it: `de-AT` is `de`. */
export function speaks(language: string, wanted: string): boolean {
  const [tag, range] = [language.toLowerCase(), wanted.toLowerCase()];
  return tag === range || tag.startsWith(`${range}-`);
}

/** A pattern of a path (`/pricing*`), of a whole address (`https://shop.example/*`), or of host and path (`*.example/help*`). */
function addressMatches(pattern: string, address: string): boolean {
  if (!URL.canParse(address)) return globMatches(pattern, address);
  const { protocol, host, pathname } = new URL(address);
  if (pattern.startsWith('/')) return globMatches(pattern, pathname);
  return globMatches(pattern, pattern.includes('://') ? `${protocol}//${host}${pathname}` : host + pathname);
}
