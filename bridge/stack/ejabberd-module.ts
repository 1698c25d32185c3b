import { createHash, randomBytes } from 'node:crypto';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { privateDir, readIfThere, writePrivate } from './private-files.js';

/** The module's parts that compiling needs; its tests and its example configuration stay out of the node. */
const PARTS = ['mod_foyer.spec', 'src', 'include', 'priv'];

/** What the compiled module depends on, as one hash: all its sources, and the ejabberd that compiles it. */
export async function moduleHash(moduleDir: string, release: string): Promise<string> {
  const hash = createHash('sha256').update(release);
  for (const part of PARTS) {
    for (const file of await filesIn(join(moduleDir, part))) {
      hash.update(`\0${relative(moduleDir, file)}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * Prepares `modulesDir` (ejabberd's CONTRIB_MODULES_PATH) for the module's present sources. Answers `compiled` when
 * what is installed there, or in the cache, was made from them; else `sources`: they lie where `module_install` finds
 * them, and nothing is installed.
 */
export async function prepareModule(options: {
  moduleDir: string;
  modulesDir: string;
  hash: string;
  cacheDir: string | undefined;
}): Promise<'compiled' | 'sources'> {
  const { moduleDir, modulesDir, hash, cacheDir } = options;
  if ((await readIfThere(stampIn(modulesDir))) === hash) return 'compiled';
  await rm(modulesDir, { recursive: true, force: true });
  await privateDir(modulesDir);
  if (cacheDir !== undefined && (await readIfThere(stampIn(join(cacheDir, hash)))) === hash) {
    await cp(join(cacheDir, hash), modulesDir, { recursive: true });
    return 'compiled';
  }
  const sources = join(modulesDir, 'sources', 'mod_foyer');
  for (const part of PARTS) {
    await cp(join(moduleDir, part), join(sources, part), { recursive: true }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
  return 'sources';
}

/** Marks the module in `modulesDir` as compiled from the sources of this hash, and keeps a copy in the cache. */
export async function keepModule(modulesDir: string, hash: string, cacheDir: string | undefined): Promise<void> {
  await writePrivate(stampIn(modulesDir), `${hash}\n`);
  if (cacheDir === undefined) return;
  await privateDir(cacheDir);
  const half = join(cacheDir, `${hash}.${randomBytes(4).toString('hex')}.half`);
  await cp(modulesDir, half, { recursive: true });
  // Another process may have put the same module there in the meantime: then its copy is as good.
  await rename(half, join(cacheDir, hash)).catch(async () => rm(half, { recursive: true, force: true }));
}

function stampIn(modulesDir: string): string {
  return join(modulesDir, 'compiled-from');
}

/** All regular files of a folder in a stable order; the file itself when it is one; none when it isn't there. */
async function filesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTDIR') return [path];
    if (code === 'ENOENT') return [];
    throw error;
  }
}
