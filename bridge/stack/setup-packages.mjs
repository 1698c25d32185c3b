// The Debian packages that Foyer's private servers and its tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { networkHint, run, SetupError, step, tail } from './setup-step.mjs';

/** Each package with the way to see that the machine has what it brings, from wherever that came. */
const FOR_START = [
  { name: 'ejabberd', present: () => hasProgram('erl') && hasBeam(/^ejabberd-\d/, 'ejabberd.beam') },
  // For tokens that log in to XMPP; ejabberd's own packages bring it.
  { name: 'erlang-p1-oauth2', present: () => hasBeam(/^p1_oauth2-\d/, 'oauth2.beam') },
  // The core packages have the server without a service, a user or a data directory of the system.
  { name: 'mariadb-server-core', present: () => hasProgram('mariadbd') && hasProgram('mariadb-install-db') },
  { name: 'mariadb-client-core', present: () => hasProgram('my_print_defaults') },
];

const FOR_TEST = [
  ...FOR_START,
  { name: 'erlang-dev', present: () => hasErlang(/^eunit-/, 'include/eunit.hrl') },
  { name: 'erlang-eunit', present: () => hasErlang(/^eunit-/, 'ebin/eunit.beam') },
  { name: 'chromium', present: () => hasProgram('chromium') },
  { name: 'profanity', present: () => hasProgram('profanity') },
  { name: 'tmux', present: () => hasProgram('tmux') },
  { name: 'php-cli', present: () => hasProgram('php') },
  { name: 'php-mysql', present: () => phpModules().has('pdo_mysql') },
  { name: 'php-mbstring', present: () => phpModules().has('mbstring') },
  { name: 'php-curl', present: () => phpModules().has('curl') },
];

const LOCK_SECONDS = 600; // unattended upgrades of a fresh machine take minutes
const INSTALL = 'apt-get install -y --no-install-recommends';

// Debian starts a service as soon as its package is there. Foyer runs servers of its own: while we install, a policy
// forbids it, and ejabberd's service isn't left for the next boot either when it was us who brought it.
const INSTALL_SCRIPT = `
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
mark='# put here by Foyer while it installs packages'
if [ ! -e "$policy" ] || grep -qF "$mark" "$policy"; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\n%s\\nexit 101\\n' "$mark" > "$policy" && chmod 755 "$policy"
fi
${INSTALL} -o DPkg::Lock::Timeout=${LOCK_SECONDS} -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" || exit $?
case " $* " in *' ejabberd '*)
  if [ -d /run/systemd/system ]; then systemctl disable --now ejabberd.service >/dev/null 2>&1 || true; fi ;;
esac
`;

/** Installs what is missing. Throws with the exact command to run when we may not. */
export async function installPackages({ forTests }) {
  const missing = (forTests ? FOR_TEST : FOR_START).filter((wanted) => !wanted.present()).map((wanted) => wanted.name);
  if (missing.length === 0) return;
  const asRoot = await rootPrefix(missing);
  await step(`Installs Debian packages: ${missing.join(', ')}`, async (note) => {
    const simulated = await run('apt-get', ['install', '--simulate', '--no-install-recommends', ...missing]);
    if (simulated.code !== 0) await update(asRoot, note);
    let result = await install(asRoot, missing, note);
    if (result.code !== 0 && simulated.code === 0) {
      note('the package lists may be old: fetches them');
      await update(asRoot, note);
      result = await install(asRoot, missing, note);
    }
    const absent = (forTests ? FOR_TEST : FOR_START).filter((wanted) => !wanted.present()).map((wanted) => wanted.name);
    if (result.code !== 0 || absent.length > 0) throw new SetupError(failure(missing, result));
  });
}

/** What goes before a command to run it as root: nothing, or sudo that asks no password. */
async function rootPrefix(missing) {
  const command = `apt-get update && ${INSTALL} ${missing.join(' ')}`;
  if (!hasProgram('apt-get')) {
    throw new SetupError(
      `Foyer needs these programs: ${missing.join(', ')} (names of Debian packages). This machine has no apt-get: install them its own way, then start again.`,
      69,
    );
  }
  if (process.getuid?.() === 0) return [];
  if ((await run('sudo', ['-n', 'true'])).code === 0) return ['sudo', '-n'];
  throw new SetupError(
    `Foyer needs these Debian packages: ${missing.join(', ')}. Only root may install them; run as root this line, then start again:\n\n  ${command}\n`,
    69,
  );
}

async function update(asRoot, note) {
  const deadline = Date.now() + LOCK_SECONDS * 1000;
  for (let told = false; ; told = true) {
    const result = await asRootRun(asRoot, 'apt-get', ['update', '-q']);
    // A repository that doesn't answer may be one that we don't need: installing will tell.
    if (!/Could not get lock|is held by process/.test(result.said) || Date.now() > deadline) return;
    if (!told) note('another process has the lock on the package lists: waits for it');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function install(asRoot, names, note) {
  let told = false;
  return asRootRun(asRoot, 'sh', ['-c', INSTALL_SCRIPT, 'sh', ...names], (text) => {
    if (told || !/Waiting for cache lock|Could not get lock/.test(text)) return;
    told = true;
    note(
      `another process installs packages (${/held by process \d+ \([^)]*\)/.exec(text)?.[0] ?? 'apt is locked'}): waits for it`,
    );
  });
}

async function asRootRun(asRoot, command, args, onText) {
  const [program, ...rest] = [...asRoot, command, ...args];
  return run(program, rest, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    ...(onText === undefined ? {} : { onText }),
  });
}

function failure(missing, result) {
  const lock = /Could not get lock|is held by process/.test(result.said)
    ? `\nAnother process held apt's lock for ${LOCK_SECONDS / 60} minutes: end it or let it finish, then start again.`
    : '';
  const hint =
    lock ||
    networkHint(result.said) ||
    `\nRun it yourself to see more, then start again:\n\n  ${INSTALL} ${missing.join(' ')}\n`;
  return `apt-get could not install ${missing.join(', ')} (code ${result.code}):\n${tail(result.said)}${hint}`;
}

function hasProgram(name) {
  const dirs = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
  ];
  return dirs.some((dir) => dir !== '' && existsSync(join(dir, name)));
}

/** What PHP on this machine can do, from whatever packages that came. */
function phpModules() {
  const { stdout } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  return new Set((stdout ?? '').split('\n').map((line) => line.trim().toLowerCase()));
}

/** Whether a folder matching `release` under the places for Erlang libraries has `ebin/<beam>`. */
function hasBeam(release, beam) {
  const triplets = names('/usr/lib').filter((name) => name.includes('-linux-'));
  const places = [
    ...triplets.map((name) => join('/usr/lib', name)),
    '/usr/lib',
    '/usr/local/lib',
    '/usr/lib/erlang/lib',
  ];
  return places.some((place) =>
    names(place).some((name) => release.test(name) && existsSync(join(place, name, 'ebin', beam))),
  );
}

function hasErlang(application, file) {
  const place = '/usr/lib/erlang/lib';
  return names(place).some((name) => application.test(name) && existsSync(join(place, name, file)));
}

function names(dir) {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
