import Router from '@koa/router';
import type { Core } from './compose.js';
import { publicUrlOf } from './config/settings.js';
import type { Outbound } from './compose-outbound.js';
import type { Guesses } from './inbound/http/guesses.js';
import { pageGuard, type Limits } from './inbound/http/limits.js';
import { sessionCookie } from './inbound/http/session-cookie.js';
import { mount } from './inbound/http/mount.js';
import type { StaticFiles } from './inbound/http/static-files.js';
import { operatorPageFiles } from './inbound/operator-page/files.js';
import { operatorPageRoutes } from './inbound/operator-page/routes.js';
import { createCredentials, hashSecret } from './storage/credentials.js';
import { createPageSessions } from './storage/operator-session-store.js';

export interface OperatorPageParts {
  limits: Limits;
  guesses: Guesses;
  files: StaticFiles;
  /** Where the build put browser code. */
  directory: string;
}

/** The operators' page; none where browsers don't reach ejabberd. */
export function composeOperatorPage(
  { settings, pool, transactions, ids, clock }: Core,
  { admin }: Outbound,
  { limits, guesses, files, directory }: OperatorPageParts,
): Router[] {
  const { websocket_url: websocketUrl } = settings.ejabberd;
  if (websocketUrl === undefined) return [];
  const routes = operatorPageRoutes({
    ...{ transactions, ids, hashSecret, guesses, websocketUrl },
    sessions: createPageSessions(pool),
    cookie: sessionCookie('foyer_operator', '/operator', publicUrlOf(settings)),
    loginToken: (jid, seconds) => admin.issueLoginToken(jid, seconds),
  });
  const calls = new Router({ prefix: '/operator/v1' });
  calls.use(mount(routes, { credentials: createCredentials(pool, clock), guard: pageGuard(limits) }).routes());
  return [calls, operatorPageFiles({ directory, files, websocketUrl })];
}
