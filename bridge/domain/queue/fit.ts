import type { Membership, Operator } from '../operators/operator.js';
import { speaks } from '../routing/rule.js';
import type { DepartmentSettings } from './department.js';

/** What a chat asks of its operator, beside what its department does. */
export interface Wants {
  /** Skills that the operator must have. */
  skills: readonly string[];
  /** Skills that it should have. */
  preferred: readonly string[];
  /** The visitor's, the dearest first; empty: not known. */
  languages: readonly string[];
}

export const NOTHING_WANTED: Wants = { skills: [], preferred: [], languages: [] };

/** Above every priority. */
const PRIORITIES = 10;

type Rules = Pick<DepartmentSettings, 'requiredSkills' | 'preferredSkills' | 'matchLanguage'>;

/**
 * The group in which an operator is asked about a chat: who is in a higher one is asked when nobody of a lower one can be. What the operator lacks counts before
 * the priority that it has in the department.
 * @returns null when the operator isn't to be asked at all
 */
export function groupOf(
  rules: Rules,
  wants: Wants,
  { operator, priority }: { operator: Operator } & Pick<Membership, 'priority'>,
): number | null {
  const has = new Set(operator.skills);
  if ([...rules.requiredSkills, ...wants.skills].some((skill) => !has.has(skill))) return null;
  const language = rules.matchLanguage === 'no' ? 0 : languageOf(operator, wants.languages);
  if (rules.matchLanguage === 'require' && language > 0 && language === wants.languages.length) return null;
  const lacking = new Set([...rules.preferredSkills, ...wants.preferred].filter((skill) => !has.has(skill)));
  return (lacking.size + language) * PRIORITIES + priority;
}

/** Which of the visitor's languages the operator speaks: 0 for the dearest; as many as there are for none of them. */
function languageOf(operator: Operator, languages: readonly string[]): number {
  const spoken = languages.findIndex((language) => operator.speaks.some((one) => speaks(language, one)));
  return spoken < 0 ? languages.length : spoken;
}

/** What is left of it in another department than the routing rule meant: who the visitor is. */
export function elsewhere(stored: string | null): string | null {
  const { languages } = wantsOf(stored);
  return languages.length === 0 ? null : JSON.stringify({ languages });
}

/** @param stored as the chat has it */
export function wantsOf(stored: string | null): Wants {
  return stored === null ? NOTHING_WANTED : { ...NOTHING_WANTED, ...(JSON.parse(stored) as Partial<Wants>) };
}
