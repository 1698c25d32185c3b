import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const EXTENSION = fileURLToPath(new URL('../../../php-extension-stubs/foyer', import.meta.url));
const AUTOLOAD = fileURLToPath(new URL('autoload.php', import.meta.url));

/** The administrator that the installer makes. */
export const ADMIN = { user: 'admin', password: 'Admin-of-tests-1' };
/** Where Live Helper Chat keeps what people upload; a checkout lacks some of it. */
const UPLOADS = ['storage', 'storageform', 'storagetheme', 'storageadmintheme', 'tmpfiles', 'userphoto'];

export interface Database {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** Installs Live Helper Chat as `lhc_web/INSTALL.txt` says for the command line, without an extension. @param checkout its `lhc_web` */
export async function installLiveHelperChat(web: string, checkout: string, db: Database): Promise<void> {
  await cp(checkout, web, { recursive: true });
  for (const folder of UPLOADS) await mkdir(join(web, 'var', folder), { recursive: true });
  await mkdir(join(web, 'lib/vendor'), { recursive: true });
  await copyFile(AUTOLOAD, join(web, 'lib/vendor/autoload.php'));
  const lines = [
    '[db]',
    ...Object.entries(db).map(([name, value]) => `${name} = "${value}"`),
    '[admin]',
    `AdminUsername = ${ADMIN.user}`,
    `AdminPassword = "${ADMIN.password}"`,
    'AdminEmail = admin@example.org',
    'AdminName = Ada',
    'AdminSurname = Min',
    'Domain = example.org',
    'DefaultDepartament = Support',
    'ForceVirtualHost = 0',
    'TimeZone = UTC',
    'Extensions =',
    'ApacheUserGroupName =',
    'ApacheUserName =',
  ];
  const ini = join(web, 'cache/install.ini');
  await writeFile(ini, lines.join('\n'), { mode: 0o600 });
  // The installer always ends with 1: what it wrote tells.
  const said = await run('php', ['cli/install-cli.php', ini], { cwd: web }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  const settings = await readFile(join(web, 'settings/settings.ini.php'), 'utf8').catch(() => '');
  if (!settings.includes("'installed' => true"))
    throw new Error(`Live Helper Chat wasn’t installed: ${said.stdout}${said.stderr}`);
}

/** Copies the extension in. */
export async function copyExtension(web: string): Promise<void> {
  await cp(EXTENSION, join(web, 'extension/foyer'), { recursive: true });
}

/** Changes `site` in Live Helper Chat's settings file, as an administrator does by hand. */
export async function changeSite(web: string, changes: Record<string, unknown>): Promise<void> {
  const code = `$all = include $argv[1];
    $all['settings']['site'] = json_decode($argv[2], true) + $all['settings']['site'];
    file_put_contents($argv[1], '<?php return ' . var_export($all, true) . ';');`;
  await run('php', ['-r', code, '--', join(web, 'settings/settings.ini.php'), JSON.stringify(changes)]);
}

/** A script of `cron.php`; what it printed. */
export async function cron(
  web: string,
  script: string,
  { extension, env = {} }: { extension?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const args = ['cron.php', '-s', 'site_admin', ...(extension === undefined ? [] : ['-e', extension]), '-c', script];
  const { stdout, stderr } = await run('php', args, { cwd: web, env: { ...process.env, ...env } });
  return stdout + stderr;
}
