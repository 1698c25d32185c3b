// The npm packages of this clone: installed when they are missing, half installed or not those of the lock file.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkHint, run, SetupError, step, tail } from './setup-step.mjs';

/** Brings node_modules to what package-lock.json says (without a lock file: to what package.json says). */
export async function installNpmPackages(clone) {
  const stamp = join(clone, 'node_modules', '.foyer-installed');
  const wanted = hashOf(clone);
  if (read(stamp) === wanted) return;
  if (!existsSync(stamp) && isComplete(clone)) return writeStamp(stamp, wanted);
  const locked = existsSync(join(clone, 'package-lock.json'));
  await step(`Installs npm packages (npm ${locked ? 'ci' : 'install'})`, async () => {
    rmSync(stamp, { force: true });
    const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
    const args = [...npm, locked ? 'ci' : 'install', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, said } = await run(args[0], args.slice(1), { cwd: clone });
    if (code !== 0)
      throw new SetupError(`npm could not install the packages (code ${code}):\n${tail(said)}${networkHint(said)}`);
    writeStamp(stamp, hashOf(clone));
  });
}

function hashOf(clone) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const file of ['package.json', 'package-lock.json']) hash.update(`\0${read(join(clone, file)) ?? ''}`);
  return hash.digest('hex');
}

/** Whether somebody's own `npm ci` has put there what the lock file says: npm writes its own copy of it when it is done. */
function isComplete(clone) {
  try {
    const locked = JSON.parse(read(join(clone, 'package-lock.json')) ?? '').packages;
    const there = JSON.parse(read(join(clone, 'node_modules', '.package-lock.json')) ?? '').packages;
    return Object.entries(locked).every(
      ([path, wanted]) => path === '' || wanted.optional === true || there[path]?.version === wanted.version,
    );
  } catch {
    return false;
  }
}

function writeStamp(stamp, text) {
  writeFileSync(`${stamp}.half`, text);
  renameSync(`${stamp}.half`, stamp);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
