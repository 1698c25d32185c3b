import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadConfig, settingNames } from '../../config/load.js';
import type { Settings } from '../../config/settings.js';
import { writePrivate } from '../../stack/private-files.js';
import type { Stack } from '../../stack/stack.js';

/** Where the bridge of the private stack listens: it must be known before the stack starts. */
export const LISTEN_HOST = '127.0.0.1';

/** Sections that the stack decides on; what the environment says of the others holds. */
const OWN_SECTIONS: ReadonlySet<string> = new Set(['http', 'database', 'ejabberd', 'hooks', 'secrets', 'process']);

/** The configuration file of the private stack, which the other commands take with `--config`. */
export function demoConfigFile(root: string): string {
  return join(root, 'foyer.yml');
}

/**
 * Writes the configuration that goes with the stack (0600: it holds secrets) and reads it as any other.
 * @param environment may set limits, time-outs and the log, not where things are
 */
export async function writeDemoConfig(
  root: string,
  stack: Stack,
  port: number,
  environment: NodeJS.ProcessEnv,
): Promise<Settings> {
  const { mariadb, ejabberd, database, hooksSecrets } = stack;
  const file = demoConfigFile(root);
  const config = {
    http: { host: LISTEN_HOST, port },
    database: {
      host: mariadb.host,
      port: mariadb.port,
      user: database.user,
      password: database.password,
      name: database.database,
    },
    ejabberd: {
      host: ejabberd.host,
      api_url: ejabberd.apiUrl,
      api_user: ejabberd.apiUser,
      api_password: ejabberd.apiPassword,
      xmpp_url: `xmpp://${LISTEN_HOST}:${ejabberd.c2sPort}`,
      websocket_url: ejabberd.websocketUrl,
    },
    hooks: { secrets: [...hooksSecrets] },
    secrets: { account_key: await stack.secret('account-key', () => randomBytes(32).toString('base64')) },
    // A helpdesk that is tried out runs on the same machine.
    helpdesk: { allow_private_addresses: true },
    // The stack's lock sees to it that there is one: what an earlier, killed one had claimed is free at once.
    process: { name: 'up' },
  };
  await writePrivate(file, `# Made by “foyer up” at each start: changes are lost.\n${stringify(config)}`);
  return loadConfig(file, ownVariablesRemoved(environment));
}

function ownVariablesRemoved(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = settingNames();
  return Object.fromEntries(
    Object.entries(environment).filter(([variable]) => {
      const path = names.get(variable) ?? names.get(variable.replace(/_FILE$/, ''));
      return path !== undefined && !OWN_SECTIONS.has(path[0]);
    }),
  );
}
