// Makes a clone ready to run on a Debian machine that has only Node: what `npm start` and `npm test` call first.
// node bridge/stack/setup.mjs [--test]     Exit code 69: a person has to install something, the text says what.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installNpmPackages } from './setup-npm.mjs';
import { installPackages } from './setup-packages.mjs';
import { run, SetupError, step, tail } from './setup-step.mjs';

const CLONE = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const NODE_MIN = [20, 19];

try {
  checkNode();
  const unlock = await lock(join(CLONE, '.foyer', 'setup.lock'));
  try {
    // First what may need a person.
    await installPackages({ forTests: process.argv.includes('--test') });
    await installNpmPackages(CLONE);
    await build();
  } finally {
    unlock();
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new SetupError(
    `Foyer needs Node ${NODE_MIN.join('.')} or newer, this is ${process.versions.node}: install a newer one (https://nodejs.org), then start again.`,
    69,
  );
}

/** The build itself sees what changed since the last one. */
async function build() {
  await step('Builds', async () => {
    const { code, said } = await run(process.execPath, [join(CLONE, 'bridge', 'stack', 'build.mjs')], { cwd: CLONE });
    if (code !== 0) throw new SetupError(`The build failed (code ${code}):\n${tail(said, 40)}`);
  });
}

/** Two set-ups at once in one clone would tread on each other: the second waits for the first. */
async function lock(file) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  for (let told = false; ;) {
    try {
      writeFileSync(file, `${process.pid}`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST')
        throw new SetupError(`${file} can't be written (${error.code}): is this clone yours?`);
    }
    const holder = Number(read(file));
    // An empty file is one that its holder is about to write to.
    if (holder > 0 ? isSetup(holder) : isYoung(file)) {
      if (!told && holder > 0)
        process.stdout.write(`Another set-up runs in this clone (process ${holder}): waits for it\n`);
      told ||= holder > 0;
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    // Its holder is dead. Of two that see that, one moves it away; the other finds nothing to move and tries again.
    try {
      renameSync(file, `${file}.${process.pid}`);
      rmSync(`${file}.${process.pid}`, { force: true });
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
}

function isSetup(pid) {
  return read(`/proc/${pid}/cmdline`).includes('setup.mjs');
}

function isYoung(file) {
  try {
    return Date.now() - statSync(file).mtimeMs < 2000;
  } catch {
    return true;
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
