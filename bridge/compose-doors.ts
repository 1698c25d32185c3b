import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Core } from './compose.js';
import type { Outbound } from './compose-outbound.js';
import { composeOperatorPage } from './compose-operator-page.js';
import { composeSupervisorPage } from './compose-supervisor-page.js';
import { measure } from './compose-figures.js';
import { hostsOf } from './config/settings.js';
import { apiDocument, callbackDocument } from './inbound/api-document.js';
import { hooksRouter } from './inbound/ejabberd-hooks/routes.js';
import { API_REFUSALS, helpdeskRoutes } from './inbound/helpdesk-api/routes.js';
import { docsRouter } from './inbound/http/docs-page.js';
import { healthRouter } from './inbound/http/health.js';
import { Guesses } from './inbound/http/guesses.js';
import type { Lack } from './inbound/http/lack.js';
import { createLimits, keyGuard, pageGuard } from './inbound/http/limits.js';
import { mount } from './inbound/http/mount.js';
import { pageOrigins } from './inbound/http/origin.js';
import { demoPages } from './inbound/visitor-api/demo-pages.js';
import type { VisitorApiDeps } from './inbound/visitor-api/deps.js';
import { memberGuard } from './inbound/visitor-api/member-check.js';
import { PAGE_REFUSALS, visitorRoutes } from './inbound/visitor-api/routes.js';
import { createStaticFiles } from './inbound/http/static-files.js';
import { widgetFiles } from './inbound/visitor-api/widget-files.js';
import type { Registry } from './domain/commands/registry.js';
import { MAIN_INSTANCE } from './domain/instances/instance.js';
import { splitJid } from './shared/jid.js';
import { programVersion } from './shared/version.js';
import { clients } from './inbound/visitor-api/clients.js';
import { createCredentials, hashSecret } from './storage/credentials.js';
import { createHostingStore } from './storage/hosting-store.js';
import { createHelpdeskReads } from './storage/helpdesk-reads.js';
import { rows } from './storage/pool.js';
import { createPageSessions } from './storage/operator-session-store.js';
import { createReads } from './storage/reads.js';
import { createRoomReads } from './storage/room-reads.js';
import { createStatisticsReads } from './storage/statistics-reads.js';
import { createSupervisionReads } from './storage/supervision-reads.js';
import { createTranscriptReads } from './storage/transcript-reads.js';
import { decodeSecret } from './shared/webhook-signature.js';

/** Where the build puts the widget; also when the program runs from its sources, as in tests. */
const WIDGET = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/bridge/widget/' : './widget/', import.meta.url),
);

export interface Doors {
  routers: Router[];
  middleware: Middleware[];
  /** The port is known only once it is bound. */
  bound(port: number): void;
}

/** Everything that comes in. */
export function composeDoors(
  core: Core,
  outbound: Outbound,
  lack: Lack,
  commands: Registry,
  shutdown: AbortSignal,
): Doors {
  const { settings, clock, ids, events, pool, transactions, wake } = core;
  const reads = createReads(pool, clock);
  const credentials = createCredentials(pool, clock);
  const limits = createLimits({
    requestsPerMinutePerAddress: settings.limits.requests_per_minute_per_address,
    requestsPerMinutePerVisitor: settings.limits.requests_per_minute_per_visitor,
    requestsPerMinutePerKey: settings.limits.requests_per_minute_per_key,
    messagesPerMinutePerVisitor: settings.limits.messages_per_minute_per_visitor,
    chatsPerHourPerAddress: settings.limits.chats_per_hour_per_address,
    chatsPerMinute: settings.limits.chats_per_minute,
    openChatsPerAddress: settings.limits.open_chats_per_address,
    listenersPerAddress: settings.limits.listeners_per_address,
    listenersPerVisitor: settings.limits.listeners_per_visitor,
  });
  const newGuesses = () => new Guesses(settings.limits.wrong_credentials_per_minute_per_address);
  const chatLimits = { messageBytes: settings.limits.message_bytes, chatBytes: settings.limits.chat_bytes };
  const ownOrigins = new Set<string>();
  if (settings.http.public_url !== undefined) ownOrigins.add(new URL(settings.http.public_url).origin);
  const visitorDeps: VisitorApiDeps = {
    ...{ transactions, reads, wake, ids, limits, chatLimits, shutdown, ownOrigins },
    siteSessions: outbound.siteSessions,
    hardTimeoutSeconds: settings.visitors.hard_timeout_seconds,
    mail: outbound.mail !== null,
    tokenDays: settings.visitors.token_days,
    hashToken: hashSecret,
    clientOf: clients([settings.secrets.account_key, ...settings.secrets.older_account_keys]),
  };
  const pageRoutes = visitorRoutes(visitorDeps);
  const pages = new Router({ prefix: '/visitor/v1' });
  const bounded = pageGuard(limits);
  const stillMember = memberGuard(outbound.siteSessions);
  const guard: typeof bounded = async (request, route) => {
    await bounded(request, route);
    await stillMember(request, route);
  };
  pages.use(mount(pageRoutes, { credentials, guesses: newGuesses(), guard }).routes());
  const apiRoutes = helpdeskRoutes({
    ...{ transactions, reads, wake, ids, limits, chatLimits, shutdown, commands },
    helpdeskReads: createHelpdeskReads(pool, core.box),
    transcriptReads: createTranscriptReads(pool),
    statisticsReads: createStatisticsReads(pool),
    roomReads: createRoomReads(pool),
    ...{ supervisionReads: createSupervisionReads(pool), pageSessions: createPageSessions(pool) },
    hardTimeoutSeconds: settings.visitors.hard_timeout_seconds,
    serviceLocal: settings.ejabberd.service_account,
    reservedNames: new Set([settings.ejabberd.service_account, splitJid(settings.ejabberd.api_user).local]),
    ...{ hosting: createHostingStore(pool), hosts: hostsOf(settings) },
    ...{ callbackPattern: settings.helpdesk.callback_pattern },
    allowPrivateCallbacks: settings.helpdesk.allow_private_addresses,
    hashSecret,
    operatorPage: settings.ejabberd.websocket_url !== undefined,
    testCallback: (instanceId) => outbound.callbacks.test(instanceId),
  });
  const api = new Router({ prefix: '/api/v1' });
  api.use(mount(apiRoutes, { credentials, guesses: newGuesses(), guard: keyGuard(limits) }).routes());
  const files = createStaticFiles();
  const docs = docsRouter({
    document: () =>
      apiDocument(programVersion(), [
        { prefix: '/visitor/v1', routes: pageRoutes, refusals: PAGE_REFUSALS },
        { prefix: '/api/v1', routes: apiRoutes, refusals: API_REFUSALS },
      ]),
    callbacks: () => callbackDocument(programVersion()),
    send: (ctx, path, cache) => files.send(ctx, path, cache),
  });
  const secrets = settings.hooks.secrets.flatMap((secret) => decodeSecret(secret) ?? []);
  const hooks = hooksRouter({
    secrets,
    clock,
    events,
    transactions,
    limits: chatLimits,
    commands,
    serviceLocal: settings.ejabberd.service_account,
  });
  const health = healthRouter({
    metrics: core.metrics,
    checks: [
      { name: 'database', run: async () => void (await rows(pool, 'SELECT 1')) },
      { name: 'migrations', run: () => upToDate(lack) },
      // Without it pages are served all the same: what they say waits in the outbox.
      { name: 'ejabberd', run: async () => void (await outbound.admin.status()), degrades: true },
    ],
    measure: () => measure(core, outbound),
  });
  const widget = widgetFiles({
    directory: WIDGET,
    async frameAncestors(key, instance = MAIN_INSTANCE) {
      const owner = await reads.instanceByName(instance);
      return (owner && (await reads.deskByKey(owner.id, key)))?.allowedOrigins ?? [];
    },
  });
  const staffPages = [
    ...composeOperatorPage(core, outbound, { limits, guesses: newGuesses(), files, directory: WIDGET }),
    ...composeSupervisorPage(core, { limits, guesses: newGuesses(), files, directory: WIDGET, ownOrigins, apiRoutes }),
  ];
  const onlyPages: Middleware = (ctx, next) => (ctx.path.startsWith('/visitor/') ? originCheck(ctx, next) : next());
  const originCheck = pageOrigins(reads, () => ownOrigins);
  return {
    routers: [...[hooks, pages, api, docs, widget, demoPages(WIDGET), ...staffPages, health]],
    middleware: [lack.guard, onlyPages],
    bound(port) {
      ownOrigins.add(`http://${settings.http.host}:${port}`);
      ownOrigins.add(`http://localhost:${port}`);
    },
  };
}

function upToDate(lack: Lack): Promise<void> {
  return lack.lacks('migrations') ? Promise.reject(new Error('not up to date yet')) : Promise.resolve();
}
