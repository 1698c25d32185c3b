import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { describeError } from '../shared/errors.js';
import { CliError, EXIT } from './exit-codes.js';
import type { Io } from './io.js';

/** What a file of YAML or JSON holds, checked. @throws CliError that lists everything that is wrong in it */
export function readYaml<T extends z.ZodType>(io: Io, file: string, schema: T): z.output<T> {
  let content: unknown;
  try {
    content = parse(readFileSync(resolve(io.cwd, file), 'utf8'));
  } catch (error) {
    throw new CliError(`${file}: ${describeError(error)}`, EXIT.config, { cause: error });
  }
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.map(({ path, message }) => `  ${path.map(String).join('.') || file}: ${message}`);
  throw new CliError(`${file} can’t be used:\n${faults.join('\n')}`, EXIT.config);
}
