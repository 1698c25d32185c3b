import type { Core } from './compose.js';
import { composeJobs } from './compose-jobs.js';
import type { Outbound } from './compose-outbound.js';
import { hostsOf } from './config/settings.js';
import { TARGETS } from './domain/outbox/lane.js';
import { EjabberdError } from './outbound/ejabberd/admin-errors.js';
import type { SpoolInfo } from './outbound/ejabberd/mod-foyer-client.js';
import { within } from './shared/within.js';
import { readDoneAges } from './storage/lease-store.js';
import { createRoomReads } from './storage/room-reads.js';
import { readOverview } from './storage/overview.js';

/** Figures are read every few seconds: they don't wait for an ejabberd that hangs. */
const SPOOL_MS = 1_000;
/** Nor for a database that does. */
const DATABASE_MS = 3_000;

const NOTHING_WAITS = { depth: 0, oldestSeconds: 0, lanes: 0, failing: 0, stalled: 0 };

/** Brings the gauges up to date. */
export async function measure(core: Core, outbound: Outbound): Promise<void> {
  const { metrics } = core;
  const { online, sleeping } = outbound.sessions.figures();
  metrics.sessionsOpen.set(outbound.sessions.count());
  metrics.sessionsOnline.set(online);
  metrics.sessionsSleeping.set(sleeping);
  metrics.listeners.set(core.wake.size);
  await Promise.all([measureDatabase(core), measureSpool(core, outbound)]);
}

async function measureDatabase(core: Core): Promise<void> {
  const { metrics, pool } = core;
  const read = await within(
    DATABASE_MS,
    Promise.all([readOverview(pool), readDoneAges(pool), createRoomReads(pool).byState()]),
  ).catch(() => null);
  metrics.reachable.set({ what: 'database' }, read === null ? 0 : 1);
  // No figure rather than an old one, or a nought that looks like health.
  for (const gauge of [
    ...[metrics.outboxDepth, metrics.outboxOldestSeconds, metrics.lanes, metrics.lanesFailing, metrics.lanesStalled],
    ...[metrics.roomsOpen, metrics.deadLetters, metrics.chatsOpen, metrics.jobDoneSeconds],
  ])
    gauge.reset();
  const single = [metrics.rejectedEvents, metrics.sessionsWanted, metrics.visitorsOnline, metrics.operatorsOnline];
  if (read === null) return single.forEach((gauge) => gauge.remove());
  const [overview, ages, rooms] = read;
  for (const { state, count } of rooms) metrics.roomsOpen.set({ state }, count);
  for (const target of TARGETS) {
    const waiting = overview.outbox.find((one) => one.target === target);
    const { depth, oldestSeconds, lanes, failing, stalled } = waiting ?? NOTHING_WAITS;
    metrics.outboxDepth.set({ target }, depth);
    metrics.outboxOldestSeconds.set({ target }, oldestSeconds);
    metrics.lanes.set({ target }, lanes);
    metrics.lanesFailing.set({ target }, failing);
    metrics.lanesStalled.set({ target }, stalled);
    metrics.deadLetters.set({ target }, overview.deadLetters.find((one) => one.target === target)?.count ?? 0);
  }

  for (const { state, count } of overview.chats) metrics.chatsOpen.set({ state }, count);
  metrics.rejectedEvents.set(overview.rejectedEvents);
  metrics.sessionsWanted.set(overview.sessionsWanted);
  metrics.visitorsOnline.set(overview.visitorsOnline);
  metrics.operatorsOnline.set(overview.operatorsOnline);
  for (const { name: job, everySeconds } of composeJobs(core)) {
    metrics.jobPeriodSeconds.set({ job }, everySeconds);
    const age = ages.get(job);
    if (age !== undefined) metrics.jobDoneSeconds.set({ job }, age);
  }
}

/** Of all hosts together. */
async function measureSpool({ metrics, settings }: Core, { modFoyer }: Outbound): Promise<void> {
  const { spoolDepth, spoolBytes, spoolOldestSeconds, spoolRefused, reachable } = metrics;
  const what = 'ejabberd';
  try {
    const spools = await within(SPOOL_MS, Promise.all(hostsOf(settings).map((host) => modFoyer.spoolInfo(host))));
    const sum = (of: (spool: SpoolInfo) => number) => spools.reduce((total, spool) => total + of(spool), 0);
    reachable.set({ what }, 1);
    spoolDepth.set(sum(({ depth }) => depth));
    spoolBytes.set(sum(({ bytes }) => bytes));
    spoolOldestSeconds.set(Math.max(...spools.map(({ oldestAgeSeconds }) => oldestAgeSeconds)));
    spoolRefused.set(sum(({ refused }) => refused));
  } catch (error) {
    // One that answers with a refusal is there: mod_foyer isn't loaded, or the bridge isn't let in.
    reachable.set({ what }, error instanceof EjabberdError && error.code !== 'unreachable' ? 1 : 0);
    for (const gauge of [spoolDepth, spoolBytes, spoolOldestSeconds, spoolRefused]) gauge.remove();
  }
}
