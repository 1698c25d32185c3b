import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

/** The most that a page has to load for the widget: scripts and styles together, gzipped. What few visitors come to is loaded when they do. */
export const MAX_GZIP_BYTES = 15 * 1024;

const here = fileURLToPath(new URL('.', import.meta.url));
const TARGET = ['chrome103', 'firefox119', 'safari16'];

/**
 * Bundles the widget into `outDir` and copies its strings and the demo site. Returns the gzipped size of each script and style;
 * throws when they are more than {@link MAX_GZIP_BYTES} together.
 */
export async function buildWidget(outDir) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(join(outDir, 'strings'), { recursive: true });
  const strings = (await readdir(join(here, 'strings'))).filter((name) => name.endsWith('.json')).sort();
  const hash = createHash('sha256');
  for (const name of strings) {
    const compact = JSON.stringify(JSON.parse(await readFile(join(here, 'strings', name), 'utf8')));
    hash.update(compact);
    await writeFile(join(outDir, 'strings', name), compact);
  }
  const style = await minifyStyle(join(here, 'embed', 'embed.css'));
  const define = { FOYER_STYLE: JSON.stringify(style), FOYER_VERSION: JSON.stringify(hash.digest('hex').slice(0, 8)) };
  await bundle('embed/main.ts', join(outDir, 'widget.js'), define);
  await bundle('frame/main.ts', join(outDir, 'frame.js'), {});
  for (const part of ['seldom', 'marks']) await bundle(`frame/${part}.ts`, join(outDir, `${part}.js`), {}, 'esm');
  for (const page of ['operator', 'supervisor']) await staffPage(page, join(outDir, page));
  await writeFile(join(outDir, 'frame.css'), await minifyStyle(join(here, 'frame', 'frame.css')));
  await writeFile(join(outDir, 'frame.html'), await framePage(outDir));
  await cp(join(here, 'demo'), join(outDir, 'demo'), { recursive: true });
  return measure(outDir);
}

/** A page of its own, for those who work with Foyer. */
async function staffPage(name, directory) {
  await mkdir(directory);
  await bundle(`${name}/main.ts`, join(directory, `${name}.js`), {}, 'esm');
  await bundle(`${name}/${name}.css`, join(directory, `${name}.css`), {});
  await cp(join(here, name, `${name}.html`), join(directory, `${name}.html`));
}

async function minifyStyle(path) {
  const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true, target: TARGET });
  return code.trim();
}

async function bundle(entry, outfile, define, format = 'iife') {
  await build({
    entryPoints: [join(here, entry)],
    tsconfig: join(here, 'tsconfig.json'),
    outfile,
    define,
    bundle: true,
    minify: true,
    format,
    target: TARGET,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** The frame names its script and style by their content, so that those may be cached for good. */
async function framePage(outDir) {
  const hash = createHash('sha256');
  for (const name of ['frame.js', 'frame.css']) hash.update(await readFile(join(outDir, name)));
  const page = await readFile(join(here, 'frame', 'frame.html'), 'utf8');
  return page.replaceAll('VERSION', hash.digest('hex').slice(0, 12)).replace(/\n\s*/g, '\n');
}

async function measure(outDir) {
  const sizes = {};
  for (const name of ['widget.js', 'frame.js', 'frame.css']) {
    sizes[name] = gzipSync(await readFile(join(outDir, name)), { level: 9 }).length;
  }
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  if (total > MAX_GZIP_BYTES) {
    throw new Error(
      `The widget is ${total} bytes gzipped; at most ${MAX_GZIP_BYTES} are allowed: ${JSON.stringify(sizes)}`,
    );
  }
  return { ...sizes, total };
}
