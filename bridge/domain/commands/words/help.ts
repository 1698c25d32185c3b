import { refusal, type Text } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'help',
  usage: '[command]',
  args: [
    {
      name: 'command',
      label: 'arg_command',
      type: 'choice',
      required: false,
      none: 'nothing',
      options: ({ registry, ...asker }) =>
        Promise.resolve(registry.of(asker).map(({ word }) => ({ value: word, label: word }))),
    },
  ],
  help: 'help_help',
  who: 'operators',
  async run({ rest, registry, ...asker }) {
    const word = rest.replace(/^[!/]/, '');
    if (word === '') {
      return [{ key: 'help_title' }, ...registry.of(asker).map(line), { key: 'help_literally' }];
    }
    const asked = registry.find(word);
    if (!asked) return refusal('unknown_command', { word });
    const aliases = asked.aliases ?? [];
    const others = aliases.map((alias) => `!${alias}`).join(', ');
    return [line(asked), ...(others === '' ? [] : [{ key: 'help_aliases' as const, values: { others } }])];
  },
};

function line({ word, usage, help }: Command): Text {
  return { key: help, values: { command: [`!${word}`, ...(usage === undefined ? [] : [usage])].join(' ') } };
}
