import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { StaticFiles } from '../http/static-files.js';

const CACHE = 'public, max-age=86400';
/** Nothing from elsewhere, nothing inline: what visitors write can't become script, style or picture. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface SupervisorPageOptions {
  /** Where the build put browser code. */
  directory: string;
  files: StaticFiles;
}

/** The supervisors' page at /supervisor. It holds nothing itself: all that it shows comes from the API, for the key that a person signs in with. */
export function supervisorPage({ directory, files }: SupervisorPageOptions): Router {
  const router = new Router();
  router.get('/supervisor', async (ctx: Context) => {
    ctx.set('Content-Security-Policy', POLICY);
    await files.send(ctx, join(directory, 'supervisor', 'supervisor.html'), 'no-cache');
  });
  for (const name of ['supervisor.js', 'supervisor.css'])
    router.get(`/supervisor/${name}`, (ctx: Context) =>
      files.send(ctx, join(directory, 'supervisor', name), 'no-cache'),
    );
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  for (const name of ['uPlot.iife.min.js', 'uPlot.min.css'])
    router.get(`/supervisor/${name}`, (ctx: Context) => files.send(ctx, join(uplot, name), CACHE));
  return router;
}
