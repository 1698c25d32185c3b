import type { Text } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'help',
  usage: '[command]',
  help: 'help_help',
  who: 'operators',
  async run({ manager, rest, registry }) {
    const word = rest.replace(/^[!/]/, '');
    if (word === '') {
      const mine = registry.commands.filter(({ who }) => who === 'operators' || manager);
      return [{ key: 'help_title' }, ...mine.map(line), { key: 'help_literally' }];
    }
    const asked = registry.find(word);
    if (!asked) return { key: 'unknown_command', values: { word } };
    const aliases = asked.aliases ?? [];
    const others = aliases.map((alias) => `!${alias}`).join(', ');
    return [line(asked), ...(others === '' ? [] : [{ key: 'help_aliases' as const, values: { others } }])];
  },
};

function line({ word, usage, help }: Command): Text {
  return { key: help, values: { command: [`!${word}`, ...(usage === undefined ? [] : [usage])].join(' ') } };
}
