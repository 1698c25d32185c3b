import Router from '@koa/router';
import type { Metrics } from '../../observe/metrics.js';

export interface Check {
  name: string;
  /** Throws with a reason when the thing can't be used now. */
  run: () => Promise<void>;
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
    const results = await Promise.all(checks.map(async ({ name, run }) => [name, await outcome(run)] as const));
    const ready = results.every(([, result]) => result === 'ok');
    ctx.status = ready ? 200 : 503;
    ctx.body = { status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) };
  });
  router.get('/metrics', async (ctx) => {
    await measure();
    ctx.type = metrics.registry.contentType;
    ctx.body = await metrics.registry.metrics();
  });
  return router;
}

async function outcome(run: () => Promise<void>): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), CHECK_MS);
  });
  try {
    await Promise.race([run(), late]);
    return 'ok';
  } catch {
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
