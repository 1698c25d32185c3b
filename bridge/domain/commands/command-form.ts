import { FoyerError } from '../../shared/errors.js';
import type { Operator } from '../operators/operator.js';
import { refusal, say, type Text } from '../texts/say.js';
import type { Argument, Asker } from './argument.js';
import type { Command } from './command.js';

/** What a client shows to have a command's arguments filled in; its texts are in the reader's language. */
export interface CommandForm {
  readonly title: string;
  readonly fields: readonly FormField[];
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly type: Argument['type'];
  readonly required: boolean;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** What is filled in already; empty: nothing. */
  readonly value: string;
}

/** What was filled in can't be: the text says so to the operator, the message to the client's developer. */
export class ArgumentError extends FoyerError {
  constructor(
    name: string,
    readonly text: Text,
  ) {
    super('invalid_request', say('en', { ...text, values: { ...text.values, label: name } }));
  }
}

/** `accept: take a chat`. */
export function titleOf(command: Command, { language }: Pick<Operator, 'language'>): string {
  return say(language, { key: command.help, values: { command: command.word } });
}

/** @returns a text instead where there is nothing to choose */
export async function formOf(asker: Asker, command: Command): Promise<{ form: CommandForm } | { text: Text }> {
  const { language } = asker.operator;
  const fields: FormField[] = [];
  for (const argument of command.args ?? []) {
    const found = 'options' in argument ? await argument.options(asker) : [];
    if ('options' in argument && argument.required && found.length === 0) return { text: refusal(argument.none) };
    const options = found.map(({ value, label }) => ({
      value,
      label: typeof label === 'string' ? label : say(language, label),
    }));
    const { name, type, required } = argument;
    const [only] = options.length === 1 && required ? options : [];
    fields.push({
      name,
      type,
      required,
      options,
      label: say(language, { key: argument.label }),
      value: only?.value ?? '',
    });
  }
  return { form: { title: titleOf(command, asker.operator), fields } };
}

/**
 * What an operator would have typed behind the word.
 * @throws ArgumentError for what no form asked for, is missing, or can't be
 */
export async function typedFrom(asker: Asker, command: Command, values: ReadonlyMap<string, string>): Promise<string> {
  const args = command.args ?? [];
  for (const name of values.keys())
    if (args.every((argument) => argument.name !== name))
      throw new ArgumentError(name, { key: 'arg_unknown', values: { label: name.slice(0, 100) } });
  const typed: string[] = [];
  for (const argument of args) {
    const value = values.get(argument.name)?.trim() ?? '';
    if (value !== '') typed.push(await checked(asker, argument, value));
    else if (argument.required) throw wrong(asker, argument, 'arg_missing');
  }
  return typed.join(' ');
}

async function checked(asker: Asker, argument: Argument, value: string): Promise<string> {
  if ('longest' in argument && value.length > argument.longest) throw wrong(asker, argument, 'arg_long');
  if (argument.type === 'line' && value.includes('\n')) throw wrong(asker, argument, 'arg_wrong');
  if (argument.type === 'chat' && !/^#?\d{1,9}$/.test(value)) throw wrong(asker, argument, 'arg_wrong');
  if (argument.type === 'choice' && (await argument.options(asker)).every((option) => option.value !== value))
    throw wrong(asker, argument, 'arg_wrong');
  return value;
}

function wrong(
  { operator }: Asker,
  { label, name, ...rest }: Argument,
  key: 'arg_missing' | 'arg_long' | 'arg_wrong',
): ArgumentError {
  const longest = 'longest' in rest ? rest.longest : 0;
  return new ArgumentError(name, { key, values: { label: say(operator.language, { key: label }), longest } });
}
