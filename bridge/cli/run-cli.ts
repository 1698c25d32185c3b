import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import type { Call, Command, Options } from './command.js';
import { explain } from './explain.js';
import { EXIT, UsageError } from './exit-codes.js';
import { say, warn, type Io } from './io.js';
import { helpOf, helpOfAll, usageOf } from './usage.js';
import { programVersion } from '../shared/version.js';

/**
 * Runs one command line (without node and program). What goes wrong is told in one line on standard error.
 * @returns the exit code
 */
export async function runCli(commands: readonly Command[], argv: readonly string[], io: Io): Promise<number> {
  let chosen: Command | undefined;
  try {
    const { words, leading } = splitLeading(argv);
    if (leading.includes('--version')) {
      say(io, programVersion());
      return EXIT.ok;
    }
    if (words[0] === undefined || words[0] === 'help' || leading.includes('--help'))
      return help(commands, words.slice(1), io);
    chosen = find(commands, words);
    const call = parse(chosen, [...leading, ...words.slice(chosen.name.split(' ').length)], io);
    if (call === 'help') {
      say(io, helpOf(chosen));
      return EXIT.ok;
    }
    return (await chosen.run(call)) ?? EXIT.ok;
  } catch (error) {
    const { text, exitCode } = explain(error);
    warn(io, `foyer: ${text}`);
    if (error instanceof UsageError) warn(io, chosen ? `Usage: ${usageOf(chosen)}` : 'Try: foyer help');
    return exitCode;
  }
}

/** Options in front of the command: those that every command has. */
function splitLeading(argv: readonly string[]): { leading: string[]; words: string[] } {
  let count = 0;
  while (argv[count]?.startsWith('-') === true) count += argv[count] === '--config' ? 2 : 1;
  const leading = argv.slice(0, count).map((option) => (option === '-h' ? '--help' : option));
  return { leading, words: argv.slice(count) };
}

function find(commands: readonly Command[], words: readonly string[]): Command {
  const [first = '', second = ''] = words;
  const found =
    commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);
  if (found) return found;
  const family = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (family.length > 0) throw new UsageError(`“${first}” needs one of: ${family.join(', ')}`);
  throw new UsageError(`there is no command “${first}”`);
}

function help(commands: readonly Command[], words: readonly string[], io: Io): number {
  const [first, second] = words;
  const exact =
    commands.find(({ name }) => name === words.join(' ')) ??
    commands.find(({ name }) => name === first && second === undefined);
  const family =
    first === undefined ? commands : commands.filter(({ name }) => name === first || name.startsWith(`${first} `));
  if (exact) say(io, helpOf(exact));
  else if (family.length === 0) throw new UsageError(`there is no command “${words.join(' ')}”`);
  else say(io, helpOfAll(family));
  return EXIT.ok;
}

function parse(command: Command, argv: string[], io: Io): Call | 'help' {
  const { values, positionals } = parseOptions(command.options, argv);
  if (values['help'] === true) return 'help';
  const names = command.args ?? [];
  const needed = names.filter((name) => !name.startsWith('[')).length;
  if (positionals.length < needed) throw new UsageError(`${names[positionals.length]} is missing`);
  if (positionals.length > names.length)
    throw new UsageError(`“${positionals[names.length]}” is one argument too many`);
  const configFile = configFileOf(values['config'] as string | undefined, io);
  let settings: Settings | undefined;
  return { io, args: positionals, values, configFile, settings: () => (settings ??= loadConfig(configFile, io.env)) };
}

function parseOptions(options: Options, argv: string[]): { values: Record<string, unknown>; positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple }]) => [
      name,
      { type, ...(multiple === true ? { multiple } : {}) },
    ]),
  );
  try {
    return parseArgs({
      args: argv,
      options: { ...config, config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? firstSentence(error.message) : String(error));
  }
}

/** Node adds advice on options that begin with a dash, which is of no use to people. */
function firstSentence(text: string): string {
  return (text.split(/\. |\n/)[0] ?? text).replaceAll("'", '“').replace(/“([^“]*)“/g, '“$1”');
}

function configFileOf(option: string | undefined, io: Io): string | undefined {
  const named = option ?? io.env['FOYER_CONFIG'];
  if (named !== undefined && named !== '') return resolve(io.cwd, named);
  const here = join(io.cwd, 'foyer.yml');
  return existsSync(here) ? here : undefined;
}
