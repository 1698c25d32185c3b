import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Server } from 'node:http';
import type Router from '@koa/router';
import { ProcessLease } from './cluster/process-lease.js';
import { WakeHub } from './cluster/wake.js';
import { loadCommands } from './compose-commands.js';
import { composeDoors } from './compose-doors.js';
import { endBridge, type Parts } from './compose-end.js';
import { tell } from './compose-happenings.js';
import { mailRulesOf } from './compose-mail.js';
import { composeOutbound, type Outbound } from './compose-outbound.js';
import { Others, startDeliveries, startDispatcher, startJobs } from './compose-roles.js';
import { Greeting, serviceAccounts, untilDatabaseIsThere } from './compose-start.js';
import type { Registry } from './domain/commands/registry.js';
import { hostsOf, publicUrlOf, type Settings } from './config/settings.js';
import { answerClientErrors } from './inbound/http/client-errors.js';
import { Lack } from './inbound/http/lack.js';
import { createApp, listen, portOf } from './inbound/http/server.js';
import { createEvents, type BusinessEvents } from './observe/events.js';
import { createLog, type Logger } from './observe/log.js';
import { createMetrics, type Metrics } from './observe/metrics.js';
import { SecretBox } from './shared/box.js';
import { systemClock, type Clock } from './shared/clock.js';
import { randomIds, type Ids } from './shared/ids.js';
import { createPool, type DatabaseSettings, type Pool } from './storage/pool.js';
import { createProcessStore } from './storage/process-store.js';
import { MysqlTransactions } from './storage/transactions.js';
import type { CommitEffects } from './storage/unit-of-work.js';

/** What a test may put in place of the real thing. */
export interface Overrides {
  clock?: Clock;
  ids?: Ids;
  log?: Logger;
  random?: () => number;
}

/** For the lease alone: one that renews, and one that others wait for. */
const LEASE_CONNECTIONS = 2;

/** Everything that is made once and used by many. */
export interface Core {
  settings: Settings;
  clock: Clock;
  ids: Ids;
  random: () => number;
  log: Logger;
  metrics: Metrics;
  events: BusinessEvents;
  box: SecretBox;
  pool: Pool;
  transactions: MysqlTransactions;
  wake: WakeHub;
  /** Called after every commit of this process. */
  onCommit: (listener: (effects: CommitEffects) => void) => void;
}

/** The parts that every command needs, without anything that runs by itself. */
export function composeCore(settings: Settings, overrides: Overrides = {}): Core {
  const clock = overrides.clock ?? systemClock;
  const ids = overrides.ids ?? randomIds;
  const log = overrides.log ?? createLog(settings.log.level);
  const metrics = createMetrics({ processMetrics: true });
  const events = createEvents(log, metrics);
  const key = (text: string) => Buffer.from(text, 'base64');
  const box = new SecretBox(key(settings.secrets.account_key), settings.secrets.older_account_keys.map(key));
  const pool = createPool(databaseOf(settings));
  const listeners: ((effects: CommitEffects) => void)[] = [];
  const onCommit = (effects: CommitEffects) => listeners.forEach((listener) => listener(effects));
  const transactions = new MysqlTransactions({
    ...{ pool, clock, ids, box, mail: mailRulesOf(settings), onCommit },
    ...{ roomsService: settings.ejabberd.rooms_service, publicUrl: publicUrlOf(settings) },
  });
  const wake = new WakeHub();
  listeners.push((effects) => wake.wake(effects.wokenVisitors));
  listeners.push((effects) => wake.revoke(effects.revokedVisitors));
  listeners.push(({ happenings }) => happenings.forEach((happening) => tell(events, happening)));
  const random = overrides.random ?? Math.random;
  return {
    settings,
    clock,
    ids,
    random,
    log,
    metrics,
    events,
    box,
    pool,
    transactions,
    wake,
    onCommit: (listener) => void listeners.push(listener),
  };
}

function databaseOf({ database }: Settings): DatabaseSettings {
  const { host, port, socket: socketPath, user, password, name, connections } = database;
  return { host, port, socketPath, user, password, database: name, connections };
}

/** A running bridge. */
export interface Bridge {
  readonly core: Core;
  /** Undefined without the role http. */
  readonly port: number | undefined;
  /** What runs here stopped by itself: another process took this one for dead. */
  readonly lost: Promise<string>;
  /** Stops taking, finishes what is under way, gives everything back; at most 20 s, whatever hangs. */
  close(): Promise<void>;
}

/**
 * Starts what the settings' roles name. The doors open at once and say what is missing until the database is there and up to date; ejabberd may come later.
 * @param stop ends the waiting
 */
export async function startBridge(
  settings: Settings,
  overrides: Overrides = {},
  stop: AbortSignal = new AbortController().signal,
): Promise<Bridge> {
  const core = composeCore(settings, overrides);
  const shutdown = new AbortController();
  // Every page that listens listens to this too.
  setMaxListeners(0, shutdown.signal);
  let tellLost: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    tellLost = resolve;
  });
  const leasePool = createPool({ ...databaseOf(settings), connections: LEASE_CONNECTIONS });
  const lease = new ProcessLease({
    ...{ store: createProcessStore(leasePool), clock: core.clock, events: core.events },
    onLost: () => tellLost('another process took this one for dead; it must start again'),
  });
  const commands = await loadCommands();
  const parts: Parts = { core, shutdown, leasePool, lease, outbound: composeOutbound(core, lease, commands) };
  try {
    await start(parts, commands, stop);
  } catch (error) {
    await endBridge(parts);
    throw error;
  }
  let closing: Promise<void> | null = null;
  const port = parts.server && portOf(parts.server);
  return { core, port, lost, close: () => (closing ??= endBridge(parts)) };
}

async function start(parts: Parts, commands: Registry, stop: AbortSignal): Promise<void> {
  const { core, outbound, lease, shutdown } = parts;
  const { settings, log, events, clock } = core;
  const roles = new Set(settings.process.roles);
  const lack = new Lack();
  if (roles.has('http')) parts.server = await openDoors(core, outbound, lack, commands, shutdown.signal);
  await untilDatabaseIsThere(core, lack, stop);
  const service = await serviceAccounts(core);
  const port = parts.server && portOf(parts.server);
  const name = settings.process.name ?? `${hostname()}:${port ?? process.pid}`;
  // Nobody else can hold the same port of the same machine; a name that was given by hand is the operator's word for that.
  await lease.take(name, parts.server !== undefined);
  const deliveries = roles.has('deliver') ? startDeliveries(core, outbound, lease) : [];
  parts.deliveries = deliveries;
  parts.others = new Others({ ...{ core, lease, deliveries }, processes: createProcessStore(core.pool) });
  await parts.others.start();
  parts.dispatcher = startDispatcher(core, lease);
  if (roles.has('cron')) parts.schedule = startJobs(core, lease, parts.dispatcher);
  if (service.created) for (const delivery of deliveries) delivery.nudge();
  lack.nothing();
  const greeting = new Greeting({ outbound, hosts: hostsOf(settings), events, clock, resend: roles.has('http') });
  greeting.start();
  parts.greeting = greeting;
  log.info({ port, process: lease.id, processName: name, roles: [...roles] }, 'bridge runs');
}

async function openDoors(
  core: Core,
  outbound: Outbound,
  lack: Lack,
  commands: Registry,
  shutdown: AbortSignal,
): Promise<Server> {
  const { http } = core.settings;
  const doors = composeDoors(core, outbound, lack, commands, shutdown);
  const { log, metrics, ids } = core;
  const app = createApp(
    { log, metrics, ids, trustedProxies: http.trusted_proxies },
    doors.routers as Router[],
    doors.middleware,
  );
  const server = await listen(app, http.host, http.port);
  answerClientErrors(server, { metrics, ids });
  doors.bound(portOf(server));
  return server;
}
