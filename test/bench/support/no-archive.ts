import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { PrivateEjabberd } from '../../support/stack.js';

/**
 * Turns the message archive (XEP-0313) off. The private ejabberd keeps it in Mnesia, which takes some hundred messages a second and fewer with each that it
 * has: everything would be measured against that, with Foyer and without.
 */
export async function withoutArchive(ejabberd: PrivateEjabberd): Promise<void> {
  const file = join(dirname(ejabberd.spoolDir), 'ejabberd.yml');
  const config = parse(await readFile(file, 'utf8')) as { modules: Record<string, Record<string, unknown>> };
  config.modules['mod_mam'] = { ...config.modules['mod_mam'], default: 'never' };
  await writeFile(file, stringify(config));
  await ejabberd.ctl('reload_config');
}
