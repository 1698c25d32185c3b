import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './daemon.js';
import { privateDir, readIfThere, secretIn, randomPassword, writePrivate } from './private-files.js';

/** Where the machine has ejabberd: the Erlang launcher, and the folder that holds `ejabberd-<version>/ebin`. */
export interface EjabberdInstall {
  erl: string;
  libs: string;
  /** The name of ejabberd's own folder in there, which has the version in it. */
  release: string;
}

/** Looks where Debian (any architecture) and a build from source put ejabberd. Rejects with what to install. */
export async function findEjabberd(): Promise<EjabberdInstall> {
  const erl = findProgram('erl');
  const usrLib = await namesIn('/usr/lib');
  const candidates = [
    ...usrLib.filter((name) => name.includes('-linux-')).map((name) => join('/usr/lib', name)),
    '/usr/lib',
    '/usr/local/lib',
    '/usr/lib/erlang/lib',
  ];
  for (const libs of candidates) {
    const releases = (await namesIn(libs)).filter((name) => /^ejabberd-\d/.test(name)).sort();
    for (const release of releases.reverse()) {
      const beams = await namesIn(join(libs, release, 'ebin'));
      if (erl !== undefined && beams.includes('ejabberd.beam')) return { erl, libs, release };
    }
  }
  throw new Error(
    'ejabberd is not installed: run "apt-get install --no-install-recommends ejabberd" as root, then start again',
  );
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch((): string[] => []);
}

/** One private Erlang node: its name, where it lives, and the loopback port that it takes control commands on. */
export interface NodeIdentity {
  name: string;
  dir: string;
  /** Erlang's distribution port. With it both sides do without epmd, which other nodes of the machine may share. */
  distPort: number;
}

/** The node name kept in `dir` (Mnesia's tables are bound to it), made at random on first use. */
export async function nodeNameIn(dir: string, wished: string | undefined): Promise<string> {
  // Never "up…": Debian's ejabberdctl takes epmd's "up and running" for a node of that name.
  const kept = join(dir, 'node-name');
  if (wished !== undefined && wished !== (await readIfThere(kept))) await writePrivate(kept, `${wished}\n`);
  return secretIn(kept, () => `foyer_${randomPassword().slice(0, 12)}@localhost`);
}

/** Environment of the node and of its control commands: a home of its own, so that its cookie is in no argument list. */
export function nodeEnv(install: EjabberdInstall, dir: string): Record<string, string> {
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: join(dir, 'home'),
    LC_ALL: 'C.UTF-8',
    ERL_LIBS: install.libs,
    ERL_INETRC: join(dir, 'inetrc'),
    // A crash dump would hold passwords, and its size is that of the memory.
    ERL_CRASH_DUMP_BYTES: '0',
    ERL_MAX_ETS_TABLES: '20000',
    EJABBERD_CONFIG_PATH: join(dir, 'ejabberd.yml'),
    EJABBERD_LOG_PATH: join(dir, 'logs', 'ejabberd.log'),
    EJABBERD_PID_PATH: join(dir, 'ejabberd.pid'),
    CONTRIB_MODULES_PATH: join(dir, 'modules'),
    CONTRIB_MODULES_CONF_DIR: join(dir, 'modules-conf'),
  };
}

/** Arguments of `erl` that both the node and a control command need to meet over loopback without epmd. */
function distribution(distPort: number): string[] {
  return [
    '-start_epmd',
    'false',
    '-erl_epmd_port',
    String(distPort),
    '-kernel',
    'inet_dist_use_interface',
    '{127,0,0,1}',
  ];
}

/** What marks the node's command line as this directory's node. */
export function nodeMark(dir: string): string {
  return join(dir, 'mnesia');
}

/** Arguments of `erl` for the node itself. `boot` is a file of Erlang expressions that runs when ejabberd is up. */
export function nodeArgs(node: NodeIdentity, boot: string): string[] {
  return [
    ...['-noinput', '-sname', node.name],
    // The machine belongs to others too: an idle scheduler sleeps at once instead of spinning.
    ...['+K', 'true', '+P', '250000', '+Q', '65536', '+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'],
    ...distribution(node.distPort),
    ...['-mnesia', 'dir', `"${nodeMark(node.dir)}"`],
    ...['-ejabberd', 'log_rotate_size', '10485760', 'log_rotate_count', '2', 'quiet', 'true'],
    ...['-s', 'ejabberd', '-eval', `{ok, _} = file:script("${boot}").`],
  ];
}

/** Writes what the node finds in its directory: cookie, resolver settings, and `ctl`, a script that runs a command on it. */
export async function writeNodeFiles(install: EjabberdInstall, node: NodeIdentity): Promise<{ ctl: string }> {
  const { dir } = node;
  await privateDir(join(dir, 'logs'));
  const cookie = join(await privateDir(join(dir, 'home')), '.erlang.cookie');
  await secretIn(cookie, randomPassword);
  await chmod(cookie, 0o400);
  await writePrivate(join(dir, 'inetrc'), '{lookup, ["file", "native"]}.\n{host, {127,0,0,1}, ["localhost"]}.\n');
  const env = Object.entries(nodeEnv(install, dir)).filter(([name]) =>
    ['HOME', 'LC_ALL', 'ERL_LIBS', 'ERL_INETRC'].includes(name),
  );
  const args = ['+Bd', '-noinput', '-hidden', '-dist_listen', 'false', ...distribution(node.distPort)];
  const ctl = join(dir, 'ctl');
  await writePrivate(
    ctl,
    [
      '#!/bin/sh',
      '# Runs a command on the private ejabberd: ctl status, ctl help. Arguments are visible to others: no passwords here.',
      ...env.map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
      `exec ${shellQuoted(install.erl)} -sname "ctl_$$@localhost" ${args.map(shellQuoted).join(' ')} -s ejabberd_ctl -extra ${shellQuoted(node.name)} "$@"`,
      '',
    ].join('\n'),
  );
  await chmod(ctl, 0o700);
  return { ctl };
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as an Erlang binary expression that needs no escaping whatever is in it. */
export function erlangBinary(text: string): string {
  return `base64:decode(<<"${Buffer.from(text, 'utf8').toString('base64')}">>)`;
}
