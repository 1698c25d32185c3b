import type { Server } from 'node:http';
import type { ProcessLease } from './cluster/process-lease.js';
import type { Core } from './compose.js';
import type { Outbound } from './compose-outbound.js';
import type { Others } from './compose-roles.js';
import type { Greeting } from './compose-start.js';
import type { Dispatcher } from './jobs/dispatcher.js';
import type { Schedule } from './jobs/schedule.js';
import type { Delivery } from './outbound/deliver.js';
import { describeError } from './shared/errors.js';
import { within } from './shared/within.js';
import type { Pool } from './storage/pool.js';

/** All that was begun so far, and is to be ended. */
export interface Parts {
  core: Core;
  shutdown: AbortController;
  lease: ProcessLease;
  leasePool: Pool;
  outbound: Outbound;
  server?: Server;
  deliveries?: readonly Delivery[];
  others?: Others;
  dispatcher?: Dispatcher;
  schedule?: Schedule;
  greeting?: Greeting;
}

/** How long each step may take. Together they stay below the 20 s that a process has to end, whatever hangs. */
const LIMITS_MS = {
  announce: 1_000,
  doors: 3_000,
  drain: 9_000,
  sessions: 3_000,
  record: 1_500,
  lease: 2_500,
  pools: 1_000,
};

const SWEEP_MS = 50;

/** Stops accepting, drains, releases, closes; in that order. A step that isn't done in time is left: its claims end with the lease, its entries are in the outbox. */
export async function endBridge(parts: Parts): Promise<void> {
  const { core, shutdown, lease, leasePool, outbound, server, deliveries = [], others, greeting } = parts;
  const { dispatcher, schedule } = parts;
  const { log } = core;
  const step = async (name: string, milliseconds: number, work: Promise<unknown>): Promise<void> => {
    try {
      await within(milliseconds, work);
    } catch (error) {
      log.warn({ step: name, reason: describeError(error) }, 'a step of the end was left undone');
    }
  };
  greeting?.stop();
  others?.stop();
  // Before the port is free: whoever takes it next must not take this process for dead.
  await step('announce', LIMITS_MS.announce, lease.end());
  const doors = server && closeDoors(server);
  shutdown.abort();
  core.wake.wakeAll();
  await Promise.all([
    doors,
    step('jobs', LIMITS_MS.drain, Promise.all([schedule?.stop(), dispatcher?.stop()])),
    ...deliveries.map((delivery) => delivery.stop(LIMITS_MS.drain)),
  ]);
  await step('sessions', LIMITS_MS.sessions + 500, outbound.close(LIMITS_MS.sessions));
  await step('transactions', LIMITS_MS.record, core.transactions.idle());
  await step('lease', LIMITS_MS.lease, lease.release());
  await step('database', LIMITS_MS.pools, Promise.all([core.pool.end(), leasePool.end()]));
  log.info('bridge ended');
}

/** Answers what is under way. Connections that clients keep for later are closed as they fall idle; one that takes too long is cut. */
async function closeDoors(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await within(LIMITS_MS.doors, closed).catch(() => server.closeAllConnections());
  clearInterval(sweep);
}
