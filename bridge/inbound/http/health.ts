import Router from '@koa/router';
import type { Metrics } from '../../observe/metrics.js';
import { within } from '../../shared/within.js';

export interface Check {
  name: string;
  /** Throws with a reason when the thing can't be used now. */
  run: () => Promise<void>;
  /** Without it the work goes on, if not all of it. */
  degrades?: boolean;
}

export interface HealthDeps {
  metrics: Metrics;
  checks: readonly Check[];
  /** Brings the gauges up to date before they are read. */
  measure: () => Promise<void>;
}

/** A check that takes longer has failed. */
const CHECK_MS = 3_000;

/** `/healthz`: this process runs. `/readyz`: it can do its work. `/metrics`: figures. */
export function healthRouter({ metrics, checks, measure }: HealthDeps): Router {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const results = await Promise.all(
      checks.map(async ({ name, run, degrades }) => ({ name, degrades, result: await outcome(run) })),
    );
    const failed = results.filter(({ result }) => result === 'failed');
    const ready = failed.every(({ degrades }) => degrades === true);
    ctx.status = ready ? 200 : 503;
    ctx.body = {
      status: !ready ? 'not ready' : failed.length > 0 ? 'degraded' : 'ready',
      checks: Object.fromEntries(results.map(({ name, result }) => [name, result])),
    };
  });
  router.get('/metrics', async (ctx) => {
    await measure();
    ctx.type = metrics.registry.contentType;
    ctx.body = await metrics.registry.metrics();
  });
  return router;
}

async function outcome(run: () => Promise<void>): Promise<'ok' | 'failed'> {
  try {
    await within(CHECK_MS, run());
    return 'ok';
  } catch {
    return 'failed';
  }
}
