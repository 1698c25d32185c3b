import { setTimeout as delay } from 'node:timers/promises';
import type { Core } from './compose.js';
import type { Outbound } from './compose-outbound.js';
import { hostsOf } from './config/settings.js';
import { ensureServiceAccount } from './domain/accounts/service-account.js';
import type { Lack } from './inbound/http/lack.js';
import type { BusinessEvents } from './observe/events.js';
import type { Clock } from './shared/clock.js';
import { describeError } from './shared/errors.js';
import { migrate } from './storage/migrate.js';
import { isConnectionError, MYSQL_ERROR, mysqlErrno, rows } from './storage/pool.js';

const TRY_AGAIN_MS = 1_000;
/** What is still missing is worth a line again after so long. */
const SAY_AGAIN_MS = 60_000;

/** Says that something is missing, once and then now and again; and when it is there. */
class Absence {
  private saidAt: number | null = null;

  constructor(
    private readonly what: string,
    private readonly deps: { events: BusinessEvents; clock: Clock },
  ) {}

  goesOn(error: unknown): void {
    const now = this.deps.clock.monotonic();
    if (this.saidAt !== null && now - this.saidAt < SAY_AGAIN_MS) return;
    this.saidAt = now;
    this.deps.events.dependencyLost(this.what, describeError(error));
  }

  over(): void {
    if (this.saidAt !== null) this.deps.events.dependencyBack(this.what);
    this.saidAt = null;
  }
}

/** Waits for the database, and brings it up to date. @throws what waiting doesn't mend, such as a wrong password */
export async function untilDatabaseIsThere(core: Core, lack: Lack, stop: AbortSignal): Promise<void> {
  const absence = new Absence('database', core);
  for (;;) {
    stop.throwIfAborted();
    try {
      lack.of('database');
      await rows(core.pool, 'SELECT 1');
      absence.over();
      lack.of('migrations');
      await migrate(core.pool);
      stop.throwIfAborted();
      return;
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      absence.goesOn(error);
      await delay(TRY_AGAIN_MS, undefined, { signal: stop });
    }
  }
}

/** The service account of each host. Of two processes that start at once the other may have made it in between. */
export async function serviceAccounts({ transactions, settings }: Core): Promise<{ created: boolean }> {
  const name = settings.ejabberd.service_account;
  let created = false;
  for (const host of hostsOf(settings)) {
    try {
      created = (await ensureServiceAccount(transactions, host, name)).created || created;
    } catch (error) {
      if (mysqlErrno(error) !== MYSQL_ERROR.DUPLICATE) throw error;
    }
  }
  return { created };
}

/** The first word with ejabberd, which may come later than this bridge. */
export class Greeting {
  private readonly over = new AbortController();

  constructor(
    private readonly deps: {
      outbound: Pick<Outbound, 'admin' | 'modFoyer'>;
      hosts: readonly string[];
      events: BusinessEvents;
      clock: Clock;
      /** What operators wrote while nobody listened here needn't sit out mod_foyer's back-off. */
      resend: boolean;
    },
  ) {}

  start(): void {
    this.greet().catch(() => undefined);
  }

  stop(): void {
    this.over.abort();
  }

  private async greet(): Promise<void> {
    const { outbound, hosts, resend } = this.deps;
    const { signal } = this.over;
    const absence = new Absence('ejabberd', this.deps);
    while (!signal.aborted) {
      try {
        await outbound.admin.status();
        absence.over();
        break;
      } catch (error) {
        if (signal.aborted) return;
        absence.goesOn(error);
        await delay(TRY_AGAIN_MS, undefined, { signal });
      }
    }
    // Whatever fails now is tried by mod_foyer itself.
    if (resend) await Promise.allSettled(hosts.map((host) => outbound.modFoyer.spoolResend(host)));
  }
}
