// Builds what runs: TypeScript to dist/, the widget, and the files that the program reads at run time. `--force` builds anyway.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.build-stamp');
const INPUTS = ['bridge', 'package-lock.json', 'tsconfig.json'];

async function listFiles(path) {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** A digest of every file that the build depends on. */
async function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    const path = join(root, input);
    const files = await listFiles(path).catch(() => [path]);
    for (const file of files.sort())
      hash.update(`\0${relative(root, file)}\0`).update(await readFile(file).catch(() => ''));
  }
  return hash.digest('hex');
}

async function step(name, work) {
  const from = performance.now();
  const note = await work();
  console.log(
    `  ${name.padEnd(10)} ${((performance.now() - from) / 1000).toFixed(1).padStart(5)} s${note ? `  ${note}` : ''}`,
  );
}

function compile(project, ...options) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, project), ...options], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`TypeScript found errors in ${project}`);
}

async function copyMigrations() {
  const from = join(root, 'bridge', 'storage', 'migrations');
  const to = join(dist, 'bridge', 'storage', 'migrations');
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => name.endsWith('.sql'));
  for (const name of names) await cp(join(from, name), join(to, name));
  return `${names.length} migrations`;
}

async function bundleWidget() {
  const { buildWidget } = await import('../widget/build.mjs');
  const { total, ...sizes } = await buildWidget(join(dist, 'bridge', 'widget'));
  const parts = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  return `${total} bytes gzipped (${parts.join(', ')})`;
}

const wanted = await fingerprint();
const built = await readFile(stamp, 'utf8').catch(() => '');
if (built === wanted && !process.argv.includes('--force')) {
  console.log('  build      up to date');
} else {
  await rm(dist, { recursive: true, force: true });
  await step('program', () => compile('tsconfig.json'));
  await step('widget', () => compile('bridge/widget/tsconfig.json', '--noEmit'));
  await step('bundle', bundleWidget);
  await step('files', copyMigrations);
  await writeFile(stamp, wanted);
}
