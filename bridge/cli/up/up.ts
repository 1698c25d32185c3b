import { relative, resolve, join } from 'node:path';
import { composeCore, startBridge, type Bridge } from '../../compose.js';
import type { Settings } from '../../config/settings.js';
import { createLog, type Logger } from '../../observe/log.js';
import { claimPort } from '../../stack/ports.js';
import { readIfThere, writePrivate } from '../../stack/private-files.js';
import { startStack, type Stack } from '../../stack/stack.js';
import { migrate } from '../../storage/migrate.js';
import { rows } from '../../storage/pool.js';
import { command, type Call } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import { say, type Io } from '../io.js';
import { packageRoot } from '../../shared/package-root.js';
import { doneWithin, listenForStop, type Stop } from '../stop.js';
import { demoConfigFile, LISTEN_HOST, writeDemoConfig } from './demo-config.js';
import { ensureDemoData, type DemoData } from './demo-data.js';
import { forgetDemoLogin, keepDemoLogin } from './demo-login.js';
import { openLogFile } from './log-file.js';
import { welcome } from './welcome.js';

const FIRST_PORT = 8080;
/** From Ctrl-C to the end of everything; ejabberd and MariaDB come through being killed. */
const STOP_MS = 18_000;
const OPERATOR_READY_MS = 60_000;

export const ROOT = {
  type: 'string',
  value: 'DIR',
  text: 'where “npm start” keeps everything; default: .foyer in this package',
} as const;

export const up = command({
  name: 'up',
  summary: 'Starts a whole Foyer to try out: private MariaDB and ejabberd, the bridge, a demo page and an operator.',
  details:
    'Everything is kept below one directory and listens on loopback only. Stays in the foreground; Ctrl-C ends all of it.',
  options: {
    root: ROOT,
    port: {
      type: 'string',
      value: 'PORT',
      text: 'for the bridge; default: the last one, else 8080 or the next free one',
    },
  },
  async run(call) {
    const stop = listenForStop(call.io);
    try {
      return await runUp(call, rootOf(call.values.root, call.io), portWish(call.values.port), stop);
    } catch (error) {
      // What was being started has ended itself.
      if (stop.signal.aborted) return EXIT.ok;
      throw error;
    } finally {
      stop.dispose();
    }
  },
});

/** The directory of `--root`. */
export function rootOf(option: string | undefined, { cwd }: Io): string {
  return option === undefined ? defaultRoot() : resolve(cwd, option);
}

function defaultRoot(): string {
  return join(packageRoot(), '.foyer');
}

async function runUp(call: Call<unknown>, root: string, wished: number | undefined, stop: Stop): Promise<number> {
  const { io } = call;
  const portFile = join(root, 'port');
  const preferred = wished ?? (Number(await readIfThere(portFile)) || FIRST_PORT);
  const port = await claimPort(preferred);
  const stack = await startStack({
    root,
    hooksUrl: `http://${LISTEN_HOST}:${port}/hooks/ejabberd`,
    onProgress: (text) => say(io, `  ${text}`),
    signal: stop.signal,
  }).catch((error: unknown) => {
    throw new CliError(error instanceof Error ? error.message : String(error), EXIT.unavailable, { cause: error });
  });
  try {
    if (port !== preferred) say(io, `  port ${preferred} is taken, the bridge uses ${port}`);
    await writePrivate(portFile, `${port}\n`);
    const settings = await writeDemoConfig(root, stack, port, io.env);
    const logFile = await openLogFile(join(root, 'bridge.log'));
    const log = createLog(settings.log.level, logFile);
    const demo = await prepare(settings, stack, io);
    return await runBridge({ io, root, stack, settings, log, demo, stop });
  } finally {
    await endStack(stack, io);
  }
}

/** The database's schema and what a demo needs in it. */
async function prepare(settings: Settings, stack: Stack, io: Io): Promise<DemoData> {
  const core = composeCore(settings, { log: createLog('silent') });
  try {
    const began = performance.now();
    const files = await migrate(core.pool);
    if (files.length > 0) say(io, `  database brought up to date (${files.length} migrations, ${seconds(began)})`);
    return await ensureDemoData(core, (name, make) => stack.secret(name, make));
  } finally {
    await core.pool.end();
  }
}

interface Running {
  io: Io;
  root: string;
  stack: Stack;
  settings: Settings;
  log: Logger;
  demo: DemoData;
  stop: Stop;
}

async function runBridge(running: Running): Promise<number> {
  const { io, stack, settings, log, stop } = running;
  const began = performance.now();
  let bridge = await startBridge(settings, { log });
  const dead = stack.failed.then((text) => ({ text }));
  const asked = stop.asked.then(() => 'asked' as const);
  try {
    const first = await Promise.race([whenReady(running, bridge), dead, asked]);
    if (first === 'asked') return EXIT.ok;
    if (typeof first === 'object') throw new CliError(first.text, EXIT.unavailable);
    say(io, `  bridge runs (${seconds(began)})`);
    say(io, await greet(running));
    for (;;) {
      const why = await Promise.race([asked, dead, bridge.lost.then(() => 'lost' as const)]);
      if (why === 'asked') return EXIT.ok;
      if (why !== 'lost') throw new CliError(`${why.text}. Foyer ends; start it again.`, EXIT.unavailable);
      // The machine slept: the bridge counts as dead in its own database and begins anew.
      say(io, 'The bridge was out of time with its database; it starts again.');
      await bridge.close();
      bridge = await startBridge(settings, { log });
    }
  } finally {
    say(io, stop.signal.aborted ? '\nEnds everything (Ctrl-C again: at once)' : '\nEnds everything');
    if (!(await doneWithin(STOP_MS / 2, bridge.close())))
      say(io, 'The bridge didn’t end in time; what is unfinished goes on with the next start.');
  }
}

/** The demo operator can log in: its account is on ejabberd. */
async function whenReady({ demo }: Running, { core }: Bridge): Promise<'ready'> {
  const end = performance.now() + OPERATOR_READY_MS;
  while (demo.operator !== undefined) {
    const [row] = await rows(core.pool, 'SELECT accounts.state FROM accounts WHERE accounts.id = ?', [
      demo.operator.accountId,
    ]);
    if (row?.['state'] === 'ready') break;
    if (performance.now() > end)
      throw new CliError(
        'the operator’s account didn’t get to ejabberd within a minute; the log says why',
        EXIT.unavailable,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 'ready';
}

async function greet({ io, root, stack, settings, demo }: Running): Promise<string> {
  const operator = demo.operator && {
    jid: demo.operator.jid,
    password: demo.operator.password,
    host: LISTEN_HOST,
    port: stack.ejabberd.c2sPort,
  };
  await (operator ? keepDemoLogin(root, operator) : forgetDemoLogin(root));
  const here = (path: string) => shortPath(io, path);
  return welcome({
    base: `http://${LISTEN_HOST}:${settings.http.port}`,
    root: here(root),
    configFile: here(demoConfigFile(root)),
    logFile: here(join(root, 'bridge.log')),
    apiKey: demo.apiKey,
    operator,
    rootOption: root === defaultRoot() ? '' : ` --root ${here(root)}`,
    program: `node ${here(process.argv[1] ?? join(packageRoot(), 'dist/bridge/main.js'))}`,
  });
}

async function endStack(stack: Stack, io: Io): Promise<void> {
  if (await doneWithin(STOP_MS / 2, stack.stop())) return;
  say(io, 'ejabberd or MariaDB didn’t end in time: they are killed (no data is lost)');
  await Promise.all([stack.ejabberd.kill(), stack.mariadb.kill()]);
  await doneWithin(1_000, stack.stop());
}

/** As one would type it here. */
function shortPath({ cwd }: Io, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function portWish(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new CliError('--port must be 1 to 65535', EXIT.usage);
  return port;
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
