import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sizeOf, spawnDaemon, stopLeftover, tailOf, type Daemon } from './daemon.js';
import { ejabberdYml } from './ejabberd-config.js';
import { keepModule, moduleHash, prepareModule } from './ejabberd-module.js';
import { erlangBinary, findEjabberd, nodeArgs, nodeEnv, nodeMark, nodeNameIn, writeNodeFiles } from './erlang.js';
import { claimPort, freePort, LOOPBACK } from './ports.js';
import { privateDir, readIfThere, writePrivate } from './private-files.js';
import { runProgram } from './run-program.js';

/** Where mod_foyer sends its events, and the secrets it signs them with (newest first; two during a rotation). */
export interface HooksTarget {
  url: string;
  secrets: readonly string[];
}

export interface EjabberdOptions {
  /** Everything of the node is in here; nobody else may use it. */
  dir: string;
  /** The wished ports; default: those of the last start in this directory. When taken, the next free ones. */
  ports?: { c2s?: number; http?: number };
  /** XMPP domain, default `foyer.localhost`. */
  host?: string;
  extraHosts?: readonly string[];
  hooksUrl: string;
  /** `whsec_…` secrets, newest first. */
  hooksSecrets: readonly string[];
  /** Account (local part, on `host`) that may use the REST API; registered at each start with this password. */
  apiUser: string;
  apiPassword: string;
  /** The folder with mod_foyer's spec and sources; undefined starts a node without mod_foyer. */
  moduleDir: string | undefined;
  /** Options of mod_foyer beyond hooks_url, hooks_secrets and spool_dir. */
  moduleOptions?: Readonly<Record<string, unknown>>;
  /** Where compiled modules are kept for other nodes; default: nowhere but in `dir`. */
  moduleCache?: string;
  nodeName?: string;
  logLevel?: 'warning' | 'info' | 'debug';
  onProgress?: (text: string) => void;
  /** Aborted: the start ends what it has begun and rejects. */
  signal?: AbortSignal;
}

/** A private ejabberd node of ours, reachable over loopback only. */
export interface Ejabberd {
  readonly host: string;
  readonly c2sPort: number;
  readonly httpPort: number;
  /** Base of the REST API, without a slash at the end. */
  readonly apiUrl: string;
  /** Where browsers log in. */
  readonly websocketUrl: string;
  /** Bare JID of the API's user. */
  readonly apiUser: string;
  readonly apiPassword: string;
  readonly nodeName: string;
  readonly pid: number;
  readonly logFile: string;
  /** Where mod_foyer keeps its spool. */
  readonly spoolDir: string;
  /** Settles, with a word on how, when the present node has ended for whatever reason. */
  readonly ended: Promise<string>;
  /** Runs an ejabberd command on the node and gives what it prints. Other users see the arguments: no passwords. */
  ctl(...args: string[]): Promise<string>;
  /** Changes where mod_foyer sends its events, in the running node and for later starts. */
  setHooks(hooks: HooksTarget): Promise<void>;
  /** Clean shutdown; killed after 15 s. Calling it again does nothing. */
  stop(): Promise<void>;
  /** Ends the node without a word to it (default SIGKILL). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it if it runs and starts it with the same data and ports. */
  restart(): Promise<void>;
}

const START_MS = 60_000;
const STOP_MS = 15_000;
/** A VM that is still booting doesn't hear SIGTERM, and has nothing yet that could be lost. */
const ABORT_MS = 2_000;
const CTL_MS = 90_000; // module_install compiles; ejabberd_ctl itself gives up after 60 s
const START_TRIES = 3;
const OPEN_FILES = 20_000; // one for each session; below 10,000 a busy site would run out
const FIRST_C2S_PORT = 25_222;
const FIRST_HTTP_PORT = 25_280;

class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** Starts the private ejabberd in `options.dir`, compiling mod_foyer when its sources changed. Rejects with what to do. */
export async function startEjabberd(options: EjabberdOptions): Promise<Ejabberd> {
  const dir = resolve(options.dir);
  const host = options.host ?? 'foyer.localhost';
  const say = options.onProgress ?? (() => undefined);
  const install = await findEjabberd();
  await privateDir(dir);
  if (await stopLeftover(join(dir, 'ejabberd.pid'), nodeMark(dir), STOP_MS))
    say('ended an ejabberd that an earlier run left behind');

  let [c2sPort, httpPort] = await claimPorts(dir, options.ports ?? {}, say);
  const log = join(dir, 'logs', 'ejabberd.log');
  const node = { name: await nodeNameIn(dir, options.nodeName), dir, distPort: await freePort() };
  const { ctl: ctlScript } = await writeNodeFiles(install, node);
  const spoolDir = await privateDir(join(dir, 'mod_foyer'));
  const modulesDir = join(dir, 'modules');
  const { moduleDir, moduleCache: cacheDir } = options;
  const hash = moduleDir === undefined ? '' : await moduleHash(moduleDir, install.release);
  const module = moduleDir === undefined ? 'none' : await prepareModule({ moduleDir, modulesDir, hash, cacheDir });
  let hooks: HooksTarget = { url: options.hooksUrl, secrets: options.hooksSecrets };

  const writeConfig = async (withModule: boolean) => {
    const modFoyer = {
      hooks_url: hooks.url,
      hooks_secrets: hooks.secrets,
      spool_dir: spoolDir,
      ...options.moduleOptions,
    };
    const settings = {
      hosts: [host, ...(options.extraHosts ?? [])] as const,
      c2sPort,
      httpPort,
      apiUser: options.apiUser,
    };
    const yml = ejabberdYml({
      ...settings,
      logLevel: options.logLevel ?? 'info',
      modFoyer: withModule ? modFoyer : undefined,
    });
    await writePrivate(join(dir, 'ejabberd.yml'), yml);
  };
  const ctl = async (...args: string[]): Promise<string> => runProgram(ctlScript, args, { timeoutMs: CTL_MS });
  const launch = async (): Promise<Daemon> => {
    const ready = join(dir, 'ready');
    await rm(ready, { force: true });
    const boot = join(dir, 'boot.script');
    await writePrivate(boot, bootScript({ user: options.apiUser, host, password: options.apiPassword }, ready));
    const logFile = join(dir, 'logs', 'erlang.log');
    const logged = await sizeOf(log);
    const daemon = await spawnDaemon({
      command: install.erl,
      args: nodeArgs(node, boot),
      env: nodeEnv(install, dir),
      cwd: dir,
      logFile,
      openFiles: OPEN_FILES,
    });
    await untilReady(daemon, ready, [c2sPort, httpPort], options.signal, [logFile, log]);
    // Somebody else answers at a port that was taken between our look at it and the node's: ejabberd goes on without it.
    const taken = /Failed to open socket at (\S+)/.exec((await readFile(log, 'utf8')).slice(logged))?.[1];
    if (taken === undefined) return daemon;
    await daemon.kill();
    throw new PortTakenError(`${taken} is taken: ejabberd can't listen there`);
  };
  const launchSomewhere = async (): Promise<Daemon> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await launch();
      } catch (error) {
        if (!(error instanceof PortTakenError) || tries === START_TRIES) throw error;
        [c2sPort, httpPort] = await claimPorts(dir, {}, say);
        await writeConfig(module === 'compiled');
      }
    }
  };

  await writeConfig(module === 'compiled');
  let daemon = await launchSomewhere();
  if (module === 'sources') {
    say('compiles mod_foyer');
    try {
      await writeConfig(true);
      const said = await ctl('module_install', 'mod_foyer');
      const running = await ctl('modules_installed');
      if (!/^mod_foyer\b/m.test(running)) throw new Error(`module_install mod_foyer did not work:\n${said}`);
      await keepModule(modulesDir, hash, cacheDir);
    } catch (error) {
      await daemon.kill();
      throw error;
    }
  }
  if (options.signal?.aborted === true) {
    await daemon.stop(ABORT_MS);
    options.signal.throwIfAborted();
  }

  return {
    host,
    c2sPort,
    httpPort,
    apiUrl: `http://${LOOPBACK}:${httpPort}/api`,
    websocketUrl: `ws://${LOOPBACK}:${httpPort}/ws`,
    apiUser: `${options.apiUser}@${host}`,
    apiPassword: options.apiPassword,
    nodeName: node.name,
    logFile: log,
    spoolDir,
    ctl,
    get pid() {
      return daemon.pid;
    },
    get ended() {
      return daemon.ended;
    },
    async setHooks(target) {
      hooks = target;
      await writeConfig(module !== 'none');
      await ctl('reload_config');
    },
    stop: async () => daemon.stop(STOP_MS),
    kill: async (signal) => daemon.kill(signal),
    async restart() {
      await daemon.stop(STOP_MS);
      daemon = await launch();
    },
  };
}

/** The ports wished or kept from the last start, or free ones beside them; kept for the next start. */
async function claimPorts(
  dir: string,
  wished: { c2s?: number; http?: number },
  say: (text: string) => void,
): Promise<[number, number]> {
  const kept = (await readIfThere(join(dir, 'ports')))?.split(' ').map(Number) ?? [];
  const onTaken = (port: number, got: number) => say(`port ${port} is taken, ejabberd uses ${got}`);
  const c2s = await claimPort(wished.c2s ?? kept[0] ?? FIRST_C2S_PORT, { onTaken });
  const http = await claimPort(wished.http ?? kept[1] ?? FIRST_HTTP_PORT, { onTaken, reserved: new Set([c2s]) });
  await writePrivate(join(dir, 'ports'), `${c2s} ${http}\n`);
  return [c2s, http];
}

/**
 * What the node runs once ejabberd is up: gives the API's account its password (from a file, so that it is in no
 * argument list) and says that it is ready.
 */
function bootScript(account: { user: string; host: string; password: string }, ready: string): string {
  const [user, host, password] = [account.user, account.host, account.password].map(erlangBinary);
  return [
    `Set = case ejabberd_auth:try_register(${user}, ${host}, ${password}) of`,
    `  {error, exists} -> ejabberd_auth:set_password(${user}, ${host}, ${password});`,
    '  Other -> Other',
    'end,',
    `ok = file:write_file(${erlangBinary(ready)}, io_lib:format("~p", [Set])).`,
    '',
  ].join('\n');
}

async function untilReady(
  daemon: Daemon,
  readyFile: string,
  ports: number[],
  signal: AbortSignal | undefined,
  logs: string[],
): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const said = await readIfThere(readyFile);
    if (said?.startsWith('ok') === true && (await Promise.all(ports.map(accepts))).every((yes) => yes)) return;
    const ended = daemon.howEnded();
    if (signal?.aborted === true) {
      await daemon.stop(ABORT_MS);
      signal.throwIfAborted();
    }
    if (ended !== undefined || Date.now() > deadline || (said !== undefined && said !== '' && !said.startsWith('ok'))) {
      await daemon.kill();
      const what =
        ended === undefined ? `did not come up within ${START_MS / 1000} s ${said ?? ''}` : `ended with ${ended}`;
      const tails = await Promise.all(logs.map(async (log) => `${log}:\n${await tailOf(log, 12)}`));
      throw new Error(`The private ejabberd ${what}. Its logs say:\n${tails.join('\n')}`);
    }
    await delay(15);
  }
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}
