import type { Command, OptionSpec } from './command.js';

const EVERYWHERE: Record<string, OptionSpec> = {
  config: {
    type: 'string',
    value: 'FILE',
    text: 'configuration; default: FOYER_CONFIG, else foyer.yml here, else the environment alone',
  },
  help: { type: 'boolean', text: 'this text' },
};

/** `foyer operator add NAME [options]` */
export function usageOf({ name, args = [], options }: Command): string {
  return ['foyer', name, ...args, ...(Object.keys(options).length > 0 ? ['[options]'] : [])].join(' ');
}

/** All there is to say of one command. */
export function helpOf(command: Command): string {
  const lines = [`Usage: ${usageOf(command)}`, '', command.summary];
  if (command.details !== undefined) lines.push('', command.details);
  lines.push('', 'Options:', ...table(Object.entries({ ...command.options, ...EVERYWHERE }).map(optionRow)));
  return lines.join('\n');
}

/** One line for each command. */
export function helpOfAll(commands: readonly Command[]): string {
  return [
    'Foyer puts a website’s visitors on the contact list of the people who answer them.',
    '',
    'Usage: foyer COMMAND [options]',
    '',
    'Commands:',
    ...table(commands.map(({ name, args = [], summary }) => [[name, ...args].join(' '), summary])),
    '',
    'foyer help COMMAND says more of one. Exit codes: 0 done, 1 failed, 64 wrong usage, 69 something can’t be reached,',
    '75 start it again, 78 wrong configuration.',
  ].join('\n');
}

function optionRow([name, { value, text, multiple }]: [string, OptionSpec]): [string, string] {
  return [`--${name}${value === undefined ? '' : ` ${value}`}${multiple === true ? ' …' : ''}`, text];
}

function table(cells: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...cells.map(([left]) => left.length));
  return cells.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
