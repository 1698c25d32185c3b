import { join } from 'node:path';
import Router from '@koa/router';
import type { Context } from 'koa';
import { createStaticFiles } from '../http/static-files.js';

/** Sites name /widget.js without a version: a new one reaches them within this time. */
const SHORT = 'public, max-age=300';
/** The frame names these with a digest of their content. */
const FOR_GOOD = 'public, max-age=31536000, immutable';
/** Asked for each time, since its policy depends on the desk; mostly answered 304. */
const CHECKED = 'no-cache';

export interface WidgetFilesOptions {
  /** Where the build put the widget. */
  directory: string;
  /**
   * Origins whose pages may show the frame of a desk; `*` for all. None for a desk that doesn't exist.
   * @param desk the desk's key, already of a valid shape
   * @param instance undefined for the default one
   */
  frameAncestors(desk: string, instance: string | undefined): Promise<readonly string[]>;
}

/** What may go into a header: an origin, or one with a wildcard for its first label. */
const SOURCE = /^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d{1,5})?$|^https?:\/\/\[[0-9a-f:]+\](:\d{1,5})?$/i;
const DESK = /^[a-z0-9][a-z0-9-]{0,39}$/;
const INSTANCE = /^[a-z][a-z0-9-]{0,31}$/;

/** The frame runs its own script and speaks to the bridge, and nothing else; only the desk's sites may show it. */
function framePolicy(origins: readonly string[]): string {
  const ancestors = origins.includes('*') ? ['*'] : ["'self'", ...origins.filter((origin) => SOURCE.test(origin))];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `frame-ancestors ${ancestors.join(' ')}`,
  ].join('; ');
}

/** /widget.js, and below /widget/ the frame with its script, style and strings. */
export function widgetFiles({ directory, frameAncestors }: WidgetFilesOptions): Router {
  const files = createStaticFiles();
  const router = new Router();
  const serve = (path: string, cache: string) => (ctx: Context) => files.send(ctx, join(directory, path), cache);

  router.get('/widget.js', serve('widget.js', SHORT));
  router.get('/widget/frame.js', serve('frame.js', FOR_GOOD));
  for (const name of ['seldom.js', 'marks.js']) router.get(`/widget/${name}`, serve(name, SHORT));
  router.get('/widget/frame.css', serve('frame.css', FOR_GOOD));
  router.get('/widget/frame.html', async (ctx: Context) => {
    const { desk, instance } = ctx.query;
    const known =
      typeof desk === 'string' && DESK.test(desk) && (instance === undefined || INSTANCE.test(String(instance)));
    const origins = known ? await frameAncestors(desk, instance === undefined ? undefined : String(instance)) : [];
    ctx.set('Content-Security-Policy', framePolicy(origins));
    ctx.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()');
    await files.send(ctx, join(directory, 'frame.html'), CHECKED);
  });
  router.get('/widget/strings/:language.json', async (ctx) => {
    const language = String(ctx.params['language']);
    // The site's page reads them across origins; they are the same for everybody.
    ctx.set('Access-Control-Allow-Origin', '*');
    const name = /^[a-z]{2}$/.test(language) ? `${language}.json` : 'en.json';
    await files.send(ctx, join(directory, 'strings', name), FOR_GOOD);
  });
  return router;
}
