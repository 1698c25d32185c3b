import type { Middleware } from 'koa';
import type { Reads } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';

/**
 * Cross-origin access of pages: an origin gets in when a desk names it (or `*`), or when it is the bridge's own (the widget's frame). Requests without
 * an Origin don't come from another site's page, and the token decides alone.
 */
export function pageOrigins(reads: Reads, ownOrigins: () => ReadonlySet<string>): Middleware {
  return async (ctx, next) => {
    const origin = ctx.get('origin');
    if (origin === '') return next();
    ctx.vary('Origin');
    const allowed = await reads.allOrigins();
    const own = ownOrigins().has(origin) || ctx.state['origin'] === origin;
    if (!own && !allowed.has(origin) && !allowed.has('*'))
      throw new FoyerError('origin_refused', 'No desk lets pages of this origin in.');
    ctx.set('Access-Control-Allow-Origin', origin);
    // Cookies come along only where somebody has named the page's site.
    if (own || allowed.has(origin)) ctx.set('Access-Control-Allow-Credentials', 'true');
    ctx.set('Access-Control-Expose-Headers', 'Retry-After, X-Request-Id');
    if (ctx.method !== 'OPTIONS' || ctx.get('access-control-request-method') === '') return next();
    ctx.set('Access-Control-Allow-Methods', 'GET, POST');
    ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type, Last-Event-ID');
    ctx.set('Access-Control-Max-Age', '600');
    ctx.status = 204;
  };
}

/** Whether this desk lets a page of that origin begin something. */
export function checkDeskOrigin(
  desk: { allowedOrigins: readonly string[] },
  origin: string,
  own: ReadonlySet<string>,
): void {
  if (origin === '' || own.has(origin) || desk.allowedOrigins.includes('*') || desk.allowedOrigins.includes(origin))
    return;
  throw new FoyerError('origin_refused', 'This desk doesn’t let pages of this origin in.');
}

/** Whether the page is of a site that the desk names, or of the bridge: `*` names nobody, and without an Origin nobody knows. */
export function isNamedOrigin(
  desk: { allowedOrigins: readonly string[] },
  origin: string,
  own: ReadonlySet<string>,
): boolean {
  return origin !== '' && (own.has(origin) || desk.allowedOrigins.includes(origin));
}
