import { changeOperator, lockOperator } from '../../operators/change-operator.js';
import { normalSkills, SKILLS } from '../../operators/skills.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'skills',
  usage: 'word -word',
  help: 'help_skills',
  who: 'operators',
  async run({ tx, operator, rest }) {
    const skills = new Set(operator.skills);
    for (const typed of rest.split(/[\s,]+/).filter((word) => word !== '')) {
      if (typed.startsWith('-')) skills.delete(typed.slice(1).toLowerCase());
      else skills.add(typed.toLowerCase());
    }
    const wanted = normalSkills([...skills]);
    if (wanted === null) return { key: 'skills_usage', values: { most: SKILLS } };
    if (rest !== '')
      await changeOperator(tx, await lockOperator(tx, operator.instanceId, operator.id), { skills: wanted });
    return wanted.length === 0 ? { key: 'no_skills' } : { key: 'skills', values: { skills: wanted.join(', ') } };
  },
};
