import type { Settings } from '../config/settings.js';
import type { Io } from './io.js';

/** An option as `node:util`'s parseArgs takes it, with what the help says. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help: `FILE`. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly text: string;
}
export type Options = Readonly<Record<string, OptionSpec>>;

type ValueOf<O extends OptionSpec> = O['type'] extends 'boolean'
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : string;
export type Values<T extends Options> = { readonly [K in keyof T]?: ValueOf<T[K]> | undefined };

/** What a command is given when it runs. */
export interface Call<V = Record<string, unknown>> {
  readonly io: Io;
  /** Positional arguments: as many as the command names, the optional ones perhaps fewer. */
  readonly args: readonly string[];
  readonly values: V;
  /** The file named by --config or FOYER_CONFIG, or ./foyer.yml where there is one. */
  readonly configFile: string | undefined;
  /** Reads the configuration. @throws ConfigError with all its faults */
  settings(): Settings;
}

/** One command: everything that the help, the parser and the program need, as data. */
export interface Command {
  /** One or two words. */
  readonly name: string;
  readonly summary: string;
  /** More than one line of help, where that is needed. */
  readonly details?: string;
  /** Positional arguments: `NAME`, or `[NAME]` where it may be left out. */
  readonly args?: readonly string[];
  readonly options: Options;
  /** @returns the exit code; nothing means 0 */
  readonly run: (call: Call) => Promise<number | void>;
}

/** Makes a command whose `run` knows the types of its options. */
export function command<const T extends Options>(
  spec: Omit<Command, 'options' | 'run'> & { options: T; run: (call: Call<Values<T>>) => Promise<number | void> },
): Command {
  return spec as unknown as Command;
}

/** Options that several commands share. */
export const INSTANCE = { type: 'string', value: 'NAME', text: 'the instance; default: main' } as const;
export const JSON_OUT = { type: 'boolean', text: 'print JSON' } as const;
