import { join } from 'node:path';
import Router from '@koa/router';
import type { Context } from 'koa';
import { createStaticFiles } from '../http/static-files.js';

const PAGES = { '/demo': 'index.html', '/demo/pricing': 'pricing.html', '/demo/docs': 'docs.html' };
const FILES = ['demo.css', 'demo.js', 'icon.svg'];
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'", // the widget's style, which sites without a policy of their own take as it is
  "connect-src 'self'",
  "img-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A small site with the widget of the desk `main`, to try Foyer on: three pages, so that page views can be watched. */
export function demoPages(directory: string): Router {
  const files = createStaticFiles();
  const router = new Router();
  const serve = (name: string) => async (ctx: Context) => {
    ctx.set('Content-Security-Policy', POLICY);
    await files.send(ctx, join(directory, 'demo', name), 'no-cache');
  };
  for (const [path, name] of Object.entries(PAGES)) router.get(path, serve(name));
  for (const name of FILES) router.get(`/demo/${name}`, serve(name));
  return router;
}
