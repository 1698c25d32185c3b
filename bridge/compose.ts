import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Server } from 'node:http';
import type Router from '@koa/router';
import { ProcessLease } from './cluster/process-lease.js';
import { WakeHub } from './cluster/wake.js';
import type { Settings } from './config/settings.js';
import type { Target } from './domain/outbox/lane.js';
import { answerClientErrors } from './inbound/http/client-errors.js';
import { createApp, listen, portOf } from './inbound/http/server.js';
import { Schedule } from './jobs/schedule.js';
import { createEvents, type BusinessEvents } from './observe/events.js';
import { createLog, type Logger } from './observe/log.js';
import { createMetrics, type Metrics } from './observe/metrics.js';
import { Delivery, type DeliveryDeps } from './outbound/deliver.js';
import { composeDoors } from './compose-doors.js';
import { tell } from './compose-happenings.js';
import { composeJobs } from './compose-jobs.js';
import { hearOthers } from './compose-others.js';
import { composeOutbound, type Outbound } from './compose-outbound.js';
import { SecretBox } from './shared/box.js';
import { systemClock, type Clock } from './shared/clock.js';
import { describeError } from './shared/errors.js';
import { randomIds, type Ids } from './shared/ids.js';
import { createLeaseStore } from './storage/lease-store.js';
import { createLaneStore } from './storage/lane-store.js';
import { migrate } from './storage/migrate.js';
import { createPool, type Pool } from './storage/pool.js';
import { createProcessStore } from './storage/process-store.js';
import { ensureServiceAccount } from './domain/accounts/service-account.js';
import { MysqlTransactions } from './storage/transactions.js';
import type { CommitEffects } from './storage/unit-of-work.js';

/** What a test may put in place of the real thing. */
export interface Overrides {
  clock?: Clock;
  ids?: Ids;
  log?: Logger;
  random?: () => number;
}

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
  const pool = createPool({
    host: settings.database.host,
    port: settings.database.port,
    socketPath: settings.database.socket,
    user: settings.database.user,
    password: settings.database.password,
    database: settings.database.name,
    connections: settings.database.connections,
  });
  const listeners: ((effects: CommitEffects) => void)[] = [];
  const onCommit = (effects: CommitEffects) => listeners.forEach((listener) => listener(effects));
  const transactions = new MysqlTransactions({ pool, clock, ids, box, onCommit });
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

/** A running bridge. */
export interface Bridge {
  readonly core: Core;
  /** Undefined without the role http. */
  readonly port: number | undefined;
  /** What runs here stopped by itself: another process took this one for dead. */
  readonly lost: Promise<string>;
  /** Stops taking, finishes what is under way, gives everything back; at most 20 s. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;
const SESSIONS_MS = 3_000;
const DATABASE_WAIT_MS = 2_000;

/** Starts what the settings' roles name. Waits for the database; ejabberd may come later. */
export async function startBridge(settings: Settings, overrides: Overrides = {}): Promise<Bridge> {
  const core = composeCore(settings, overrides);
  const shutdown = new AbortController();
  // Every page that listens listens to this too.
  setMaxListeners(0, shutdown.signal);
  await whenDatabaseIsThere(core);
  const outbound = composeOutbound(core);
  const service = await ensureServiceAccount(
    core.transactions,
    settings.ejabberd.host,
    settings.ejabberd.service_account,
  );
  const roles = new Set(settings.process.roles);
  let server: Server | undefined;
  try {
    if (roles.has('http')) server = await openDoors(core, outbound, shutdown.signal);
    return await runRoles(core, outbound, server, shutdown, service.created);
  } catch (error) {
    server?.close();
    await outbound.close(SESSIONS_MS);
    await core.pool.end();
    throw error;
  }
}

async function openDoors(core: Core, outbound: Outbound, shutdown: AbortSignal): Promise<Server> {
  const { http } = core.settings;
  const doors = composeDoors(core, outbound, shutdown);
  const { log, metrics, ids } = core;
  const app = createApp(
    { log, metrics, ids, trustedProxies: http.trusted_proxies },
    doors.routers as Router[],
    doors.middleware,
  );
  const server = await listen(app, http.host, http.port);
  answerClientErrors(server, { metrics, ids });
  doors.bound(portOf(server));
  // What operators wrote while nobody listened here needn't sit out mod_foyer's back-off. Whatever fails now is tried by mod_foyer itself.
  void outbound.modFoyer.spoolResend(core.settings.ejabberd.host).catch(() => undefined);
  return server;
}

async function runRoles(
  core: Core,
  outbound: Outbound,
  server: Server | undefined,
  shutdown: AbortController,
  serviceIsNew: boolean,
): Promise<Bridge> {
  const { settings, clock, events, pool } = core;
  const processes = createProcessStore(pool);
  const roles = new Set(settings.process.roles);
  let tellLost: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    tellLost = resolve;
  });
  const port = server && portOf(server);
  const name = settings.process.name ?? `${hostname()}:${port ?? process.pid}`;
  const lease = await ProcessLease.take({
    store: processes,
    clock,
    events,
    name,
    // Nobody else can hold the same port of the same machine; a name that was given by hand is the operator's word for that.
    replaces: server !== undefined,
    onLost: () => tellLost('another process took this one for dead; it must start again'),
  });
  const deliveries = roles.has('deliver') ? startDeliveries(core, outbound, lease) : [];
  core.onCommit(({ touchedLanes }) => {
    if (touchedLanes.size > 0) for (const delivery of deliveries) delivery.nudge(touchedLanes);
  });
  let others = 0;
  const takeOver = async (): Promise<void> => {
    try {
      const buried = await processes.buryDead(lease.id);
      others = (await processes.alive()) - 1;
      if (roles.has('deliver') && (buried > 0 || !restored)) {
        restored = true;
        await processes.restorePresence();
        for (const delivery of deliveries) delivery.nudge();
      }
    } catch (error) {
      restored = false;
      events.dependencyLost('database', describeError(error));
    }
  };
  let restored = false;
  await takeOver();
  const watch = setInterval(() => void takeOver(), 2_000);
  const stopHearing = hearOthers(core, () => others > 0);
  const schedule = roles.has('cron') ? startJobs(core, lease) : undefined;
  if (serviceIsNew) for (const delivery of deliveries) delivery.nudge();
  core.log.info({ port, process: lease.id, processName: name, roles: [...roles] }, 'bridge runs');
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const closed = server && new Promise<void>((resolve) => server.close(() => resolve()));
    shutdown.abort();
    core.wake.wakeAll();
    server?.closeIdleConnections();
    clearInterval(watch);
    stopHearing();
    await schedule?.stop();
    const drain = Promise.all(deliveries.map((delivery) => delivery.stop(DRAIN_MS)));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 3_000).unref())]);
    server?.closeAllConnections();
    await drain;
    await outbound.close(SESSIONS_MS);
    await core.transactions.idle();
    await lease.release().catch((error: unknown) => events.dependencyLost('database', describeError(error)));
    await pool.end();
    core.log.info({ processName: name }, 'bridge ended');
  };
  return { core, port, lost, close: () => (closing ??= close()) };
}

function startDeliveries(core: Core, outbound: Outbound, lease: ProcessLease): Delivery[] {
  const { events, metrics, clock, random, pool } = core;
  const lanes = createLaneStore(pool);
  const make = (target: Target, carry: Pick<DeliveryDeps, 'serve' | 'givenUp'>, concurrency: number): Delivery => {
    const delivery = new Delivery({
      target,
      lanes,
      events,
      metrics,
      clock,
      random,
      processId: lease.id,
      mayServe: () => lease.held(),
      ...carry,
      concurrency,
    });
    delivery.start();
    return delivery;
  };
  return [
    make('account', { serve: outbound.serveAccount, givenUp: outbound.givenUpAccount }, 256),
    make('helpdesk', { serve: outbound.serveHelpdesk }, 32),
  ];
}

function startJobs(core: Core, lease: ProcessLease): Schedule {
  const schedule = new Schedule(composeJobs(core), {
    leases: createLeaseStore(core.pool),
    events: core.events,
    processId: lease.id,
    mayRun: () => lease.held(),
  });
  schedule.start();
  return schedule;
}

async function whenDatabaseIsThere({ pool, events }: Core): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await migrate(pool);
      if (tries > 0) events.dependencyBack('database');
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!/^(ECONNREFUSED|ENOENT|ETIMEDOUT|ECONNRESET|PROTOCOL_CONNECTION_LOST|ER_SERVER_SHUTDOWN)$/.test(code))
        throw error;
      events.dependencyLost('database', describeError(error));
      await new Promise((resolve) => setTimeout(resolve, DATABASE_WAIT_MS));
    }
  }
}
