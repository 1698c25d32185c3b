import type { Core } from './compose.js';
import type { Outbound } from './compose-outbound.js';
import type { ProcessStore } from './cluster/ports.js';
import type { ProcessLease } from './cluster/process-lease.js';
import { composeDispatcher, composeJobs } from './compose-jobs.js';
import { hearOthers } from './compose-others.js';
import type { Target } from './domain/outbox/lane.js';
import type { Dispatcher } from './jobs/dispatcher.js';
import { Schedule } from './jobs/schedule.js';
import { Delivery, type DeliveryDeps } from './outbound/deliver.js';
import { describeError } from './shared/errors.js';
import { createLaneStore } from './storage/lane-store.js';
import { createLeaseStore } from './storage/lease-store.js';

/** How often a process looks after the others. */
const LOOK_MS = 2_000;

/** The role `deliver`: what leaves. */
export function startDeliveries(core: Core, outbound: Outbound, lease: ProcessLease): Delivery[] {
  const { events, metrics, clock, random, pool } = core;
  const { mail } = outbound;
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
  const deliveries = [
    make('account', { serve: outbound.serveAccount, givenUp: outbound.givenUpAccount }, 256),
    make('helpdesk', { serve: outbound.serveHelpdesk, givenUp: outbound.givenUpHelpdesk }, 32),
    // Where no server is named, what waits stays until one is.
    ...(mail === null ? [] : [make('mail', { serve: (lane, entries) => mail.serve(lane, entries) }, 4)]),
  ];
  core.onCommit(({ touchedLanes }) => {
    if (touchedLanes.size > 0) for (const delivery of deliveries) delivery.nudge(touchedLanes);
  });
  return deliveries;
}

/** Gives chats to operators after what is committed here; every process does, whatever its roles. */
export function startDispatcher(core: Core, lease: ProcessLease): Dispatcher {
  const dispatcher = composeDispatcher(core);
  core.onCommit(({ queues }) => {
    if (lease.held()) dispatcher.nudge(queues);
  });
  return dispatcher;
}

/** The role `cron`. */
export function startJobs(core: Core, lease: ProcessLease, dispatcher: Dispatcher): Schedule {
  const schedule = new Schedule(composeJobs(core, dispatcher), {
    leases: createLeaseStore(core.pool),
    events: core.events,
    processId: lease.id,
    mayRun: () => lease.held(),
  });
  schedule.start();
  return schedule;
}

/** The other processes over this database: takes over from those that died, and hears of what the living commit. */
export class Others {
  private alive = 0;
  private restored = false;
  private timer: NodeJS.Timeout | undefined;
  private stopHearing: () => void = () => undefined;

  constructor(
    private readonly deps: {
      core: Core;
      lease: ProcessLease;
      processes: ProcessStore;
      /** None: what the dead held is for others to serve. */
      deliveries: readonly Delivery[];
    },
  ) {}

  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.stopHearing = hearOthers(this.deps.core, () => this.alive > 0);
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopHearing();
  }

  private async look(): Promise<void> {
    const { core, lease, processes, deliveries } = this.deps;
    // Where a whole machine slept, all its processes look dead to each other: whoever has renewed is not.
    if (!lease.held()) return;
    try {
      const buried = await processes.buryDead(lease.id);
      this.alive = (await processes.alive()) - 1;
      if (deliveries.length > 0 && (buried > 0 || !this.restored)) {
        this.restored = true;
        await processes.restorePresence();
        for (const delivery of deliveries) delivery.nudge();
      }
    } catch (error) {
      this.restored = false;
      core.events.dependencyLost('database', describeError(error));
    }
  }
}
