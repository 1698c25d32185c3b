import Router from '@koa/router';
import type { Core } from './compose.js';
import { publicUrlOf } from './config/settings.js';
import type { Guesses } from './inbound/http/guesses.js';
import { keyGuard, pageGuard, type Limits } from './inbound/http/limits.js';
import { sessionCookie } from './inbound/http/session-cookie.js';
import { mount } from './inbound/http/mount.js';
import type { Route } from './inbound/http/route.js';
import type { StaticFiles } from './inbound/http/static-files.js';
import { supervisorPage } from './inbound/supervisor-page/files.js';
import { sessionRoutes, signedInSupervisor } from './inbound/supervisor-page/session.js';
import { supervisedRoutes } from './inbound/supervisor-page/supervised-routes.js';
import { createCredentials, hashSecret } from './storage/credentials.js';
import { createPageSessions } from './storage/operator-session-store.js';

export interface SupervisorPageParts {
  limits: Limits;
  guesses: Guesses;
  files: StaticFiles;
  /** Where the build put browser code. */
  directory: string;
  /** Origins at which this bridge's own pages are. */
  ownOrigins: ReadonlySet<string>;
  /** Of helpdesks; some of them are called by the page too. */
  apiRoutes: readonly Route[];
}

/** The supervisors' page, and what it calls for whoever is signed in by a link. */
export function composeSupervisorPage(
  { settings, pool, transactions, ids, clock }: Core,
  { limits, guesses, files, directory, ownOrigins, apiRoutes }: SupervisorPageParts,
): Router[] {
  const credentials = createCredentials(pool, clock);
  const deps = {
    ...{ transactions, ids, hashSecret, guesses, ownOrigins, sessions: createPageSessions(pool) },
    cookie: sessionCookie('foyer_supervisor', '/supervisor', publicUrlOf(settings)),
  };
  const calls = new Router({ prefix: '/supervisor/v1' });
  calls.use(mount(sessionRoutes(deps), { credentials, guard: pageGuard(limits) }).routes());
  const authenticate = signedInSupervisor(deps);
  calls.use(mount(supervisedRoutes(apiRoutes), { credentials, authenticate, guard: keyGuard(limits) }).routes());
  return [calls, supervisorPage({ directory, files })];
}
