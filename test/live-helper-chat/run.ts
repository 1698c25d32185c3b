import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MOCHA = fileURLToPath(import.meta.resolve('mocha/lib/cli/cli.js'));
const SPECS = readdirSync(HERE)
  .filter((name) => name.endsWith('.spec.ts'))
  .map((name) => name.replace('.spec.ts', ''));
const HELP = `npm run try:lhc -- CHECKOUT [SPEC…]
  CHECKOUT  a checkout of Live Helper Chat, or its folder lhc_web; it stays as it is
  SPEC      some of ${SPECS.join(', ')}; otherwise all, which takes some ten minutes
Needs what “npm test” needs, and Debian's php-gd and php-xml. With nginx and php-fpm the site is served by these, else by PHP's own server.`;

const [checkout = '', ...wanted] = process.argv.slice(2);
const web = [join(checkout, 'lhc_web'), checkout]
  .map((path) => resolve(path))
  .find((path) => existsSync(join(path, 'cli/install-cli.php')));
const unknown = wanted.filter((name) => !SPECS.includes(name));
if (checkout === '' || web === undefined || unknown.length > 0) {
  console.error(HELP);
  process.exit(64);
}
const files = (wanted.length > 0 ? wanted : SPECS).map((name) => join(HERE, `${name}.spec.ts`));
const options = ['--no-package', '--no-config', '--require', 'test/support/hooks.ts', '--timeout', '60000'];
const child = spawn(process.execPath, ['--import', 'tsx', MOCHA, ...options, ...files], {
  cwd: join(HERE, '../..'),
  env: { ...process.env, LIVE_HELPER_CHAT: web },
  stdio: 'inherit',
});
child.once('exit', (code) => process.exit(code ?? 1));
