import { changeOperator, lockOperator } from '../../operators/change-operator.js';
import { normalSkills, SKILLS } from '../../operators/skills.js';
import { refusal } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'skills',
  usage: 'word -word',
  args: [{ name: 'skills', label: 'arg_skills', type: 'line', required: false, longest: 1000 }],
  help: 'help_skills',
  who: 'operators',
  async run({ tx, operator, rest }) {
    const skills = new Set(operator.skills);
    for (const typed of rest.split(/[\s,]+/).filter((word) => word !== '')) {
      if (typed.startsWith('-')) skills.delete(typed.slice(1).toLowerCase());
      else skills.add(typed.toLowerCase());
    }
    const wanted = normalSkills([...skills]);
    if (wanted === null) return refusal('skills_usage', { most: SKILLS });
    if (rest !== '')
      await changeOperator(tx, await lockOperator(tx, operator.instanceId, operator.id), { skills: wanted });
    return wanted.length === 0 ? { key: 'no_skills' } : { key: 'skills', values: { skills: wanted.join(', ') } };
  },
};
