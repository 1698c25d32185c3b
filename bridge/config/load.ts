import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeError } from '../shared/errors.js';
import { noteOf, settingsSchema, type Settings } from './settings.js';

/** Every fault of a configuration at once, each with the key it is about. Never holds a value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(`The configuration can’t be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

type Tree = Record<string, Record<string, unknown>>;

/**
 * Reads the file (if one is named), then the environment over it: `FOYER_DATABASE_PASSWORD` is `database.password`; with `_FILE` behind it, the name of
 * a file that holds the value.
 * @throws ConfigError with all faults
 */
export function loadConfig(file: string | undefined, environment: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const tree: Tree = {};
  if (file !== undefined) readFile(file, tree, faults);
  const names = settingNames();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('FOYER_') || value === undefined || NOT_SETTINGS.has(variable)) continue;
    const fromFile = variable.endsWith('_FILE') && !names.has(variable);
    const path = names.get(fromFile ? variable.slice(0, -'_FILE'.length) : variable);
    if (!path) faults.push(`${variable}: there is no such setting`);
    else set(tree, path, fromFile ? readValue(variable, value, faults) : value);
  }
  for (const section of Object.keys(settingsSchema.shape)) tree[section] ??= {};
  const parsed = settingsSchema.safeParse(tree);
  if (!parsed.success) faults.push(...parsed.error.issues.map(describeIssue));
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return parsed.data;
}

/** Variables of this prefix that name other things than settings. */
const NOT_SETTINGS = new Set(['FOYER_CONFIG']);

/** `FOYER_HTTP_PORT` → `['http', 'port']`. */
export function settingNames(): Map<string, [string, string]> {
  const names = new Map<string, [string, string]>();
  for (const [section, schema] of Object.entries(settingsSchema.shape)) {
    for (const key of Object.keys(schema.shape)) names.set(`FOYER_${section}_${key}`.toUpperCase(), [section, key]);
  }
  return names;
}

function readFile(file: string, tree: Tree, faults: string[]): void {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // A YAML error quotes the line, which may hold a secret: only where it is is said.
    const reason = error instanceof Error && error.name.startsWith('YAML') ? 'is not YAML' : describeError(error);
    faults.push(`${file}: ${reason}`);
    return;
  }
  if (content === null || content === undefined) return;
  const sections = z.record(z.string(), z.record(z.string(), z.unknown()).nullable()).safeParse(content);
  if (!sections.success) {
    faults.push(`${file}: must have sections with keys, as in config/foyer.example.yml`);
    return;
  }
  for (const [section, values] of Object.entries(sections.data)) tree[section] = { ...values };
}

function readValue(variable: string, file: string, faults: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    faults.push(`${variable}: ${describeError(error)}`);
    return undefined;
  }
}

function set(tree: Tree, [section, key]: [string, string], value: unknown): void {
  if (value === undefined) return;
  tree[section] = { ...tree[section], [key]: value };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...path, key].join('.')}: there is no such setting`).join('; ');
  const schema = settingSchema(path);
  const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined');
  const note = schema && noteOf(schema);
  return `${path.join('.')}: ${missing ? 'is missing' : issue.message}${missing && note ? ` (${note.text})` : ''}`;
}

function settingSchema([section, key]: readonly string[]): z.ZodType | undefined {
  const sections: Record<string, { shape: Record<string, z.ZodType> }> = settingsSchema.shape;
  return section === undefined || key === undefined ? undefined : sections[section]?.shape[key];
}
