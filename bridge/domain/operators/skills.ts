/** Skills of an operator, and those that a department or a rule asks for, at most. */
export const SKILLS = 20;

/** One word in lower case: `billing`, `c++`, `tier-2`. */
export const SKILL = /^[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}_+#.-]{0,31}$/u;

/** @returns each once, in the order of the alphabet; null when one of them is no skill, or there are too many */
export function normalSkills(words: readonly string[]): string[] | null {
  const skills = [...new Set(words.map((word) => word.trim().toLowerCase()))].sort();
  return skills.length <= SKILLS && skills.every((skill) => SKILL.test(skill)) ? skills : null;
}
