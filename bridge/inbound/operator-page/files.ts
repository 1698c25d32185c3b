import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Router from '@koa/router';
import type { Context } from 'koa';
import { FoyerError } from '../../shared/errors.js';
import type { StaticFiles } from '../http/static-files.js';

const CACHE = 'public, max-age=86400';
/** Of Converse.js: names without anything that leads out of its directory. */
const NAME = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(?:js|css|json|png|svg|woff2|ttf|mp3|ogg)$/;

export interface OperatorPageFilesOptions {
  /** Where the build put the page. */
  directory: string;
  files: StaticFiles;
  websocketUrl: string;
}

/** The operators' page at /operator: Converse.js, as its package has it, and a script that signs in. */
export function operatorPageFiles({ directory, files, websocketUrl }: OperatorPageFilesOptions): Router {
  const converse = dirname(createRequire(import.meta.url).resolve('converse.js/dist/converse.min.js'));
  const policy = pagePolicy(new URL(websocketUrl).origin);
  const router = new Router();
  router.get('/operator', async (ctx: Context) => {
    ctx.set('Content-Security-Policy', policy);
    await files.send(ctx, join(directory, 'operator', 'operator.html'), 'no-cache');
  });
  for (const name of ['operator.js', 'operator.css'])
    router.get(`/operator/${name}`, (ctx: Context) => files.send(ctx, join(directory, 'operator', name), 'no-cache'));
  router.get('/operator/converse/*name', async (ctx) => {
    ctx.state['route'] = '/operator/converse/:name';
    const name = String(ctx.params['name']);
    if (!NAME.test(name)) throw new FoyerError('not_found', 'There is no such file.');
    await files.send(ctx, join(converse, name), CACHE);
  });
  return router;
}

/** Converse.js sets styles by itself. Nothing is loaded from elsewhere: no image tells a visitor when and from where it was looked at. */
function pagePolicy(websocketOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self' data:",
    `connect-src 'self' ${websocketOrigin}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
