import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import type { Logger } from '../../observe/log.js';
import type { Metrics } from '../../observe/metrics.js';
import { FoyerError } from '../../shared/errors.js';
import type { Ids } from '../../shared/ids.js';
import { clientAddress } from './client-address.js';
import { problems } from './problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

export interface HttpDeps {
  log: Logger;
  metrics: Metrics;
  ids: Ids;
  /** Addresses and networks of the proxies in front, which say whose request it is. */
  trustedProxies: readonly string[];
}

/** Longer than the usual 60 s of proxies, so that it's never the bridge that closes a connection the proxy is about to use. */
const KEEP_ALIVE_MS = 65_000;
/** A client that sends its headers this slowly holds the connection for nothing else. */
const HEADERS_MS = 10_000;
/** Headers and body, whether somebody reads it or not. The answer may take as long as it likes: streams of events never end by themselves. */
const REQUEST_MS = 20_000;
/** A request that is late is noticed so much later at most. */
const CHECK_MS = 2_000;

/** The whole middleware order on one screen. */
export function createApp(deps: HttpDeps, routers: readonly Router[], extra: readonly Middleware[] = []): Koa {
  const app = new Koa();
  app.silent = true;
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that goes away in the middle of an answer is its own business.
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
      deps.log.error({ err: error }, 'http');
  });
  app.use(clientAddress(deps.trustedProxies));
  app.use(requestId(deps.ids));
  app.use(requestLog(deps));
  app.use(commonHeaders);
  app.use(problems(deps.log));
  for (const middleware of extra) app.use(middleware);
  for (const router of routers) app.use(router.routes());
  app.use(unknownRoute(routers));
  return app;
}

export async function listen(app: Koa, host: string, port: number): Promise<Server> {
  const handle = app.callback();
  const server = createServer(
    { connectionsCheckingInterval: CHECK_MS },
    (request, response) => void handle(request, response),
  );
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, resolve);
  });
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function requestId(ids: Ids): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id');
    const id = /^[\w.-]{1,64}$/.test(given) ? given : ids.ulid();
    ctx.state['requestId'] = id;
    ctx.set('X-Request-Id', id);
    await next();
  };
}

/** Methods that change something. */
const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** What helpdesks and supervisors change is at info, what happens all the time at debug. */
function requestLog({ log, metrics }: HttpDeps): Middleware {
  return async (ctx, next) => {
    const started = performance.now();
    try {
      await next();
    } finally {
      const seconds = (performance.now() - started) / 1000;
      const route = (ctx.state['route'] as string | undefined) ?? 'none';
      const door = ctx.path.split('/', 3)[1] ?? '';
      metrics.requests.observe({ door: DOORS.has(door) ? door : 'other', route, status: String(ctx.status) }, seconds);
      const changed = (door === 'api' || door === 'supervisor') && CHANGES.has(ctx.method);
      const level = changed && ctx.state['frequent'] !== true ? 'info' : 'debug';
      if (log.isLevelEnabled(level)) log[level](requestLine(ctx, route, seconds), 'request');
    }
  };
}

function requestLine(ctx: Context, route: string, seconds: number): Record<string, unknown> {
  const { requestId: request, chat } = ctx.state as { requestId: string; chat?: number };
  return { request, method: ctx.method, route, chat, status: ctx.status, ms: Math.round(seconds * 1e4) / 10 };
}

const DOORS = new Set([
  ...['visitor', 'api', 'hooks', 'operator', 'supervisor'],
  ...['widget', 'docs', 'demo', 'metrics', 'healthz', 'readyz'],
]);

const commonHeaders: Middleware = async (ctx, next) => {
  ctx.set(SECURITY_HEADERS);
  await next();
};

function unknownRoute(routers: readonly Router[]): Middleware {
  return (ctx) => {
    if (ctx.body !== undefined || ctx.status !== 404 || ctx.headerSent) return;
    const methods = routers.flatMap((router) =>
      router.match(ctx.path, ctx.method).path.flatMap((layer) => layer.methods),
    );
    if (methods.length === 0) throw new FoyerError('route_not_found', 'There is nothing at this address.');
    ctx.set('Allow', [...new Set(methods)].join(', '));
    throw new FoyerError('method_not_allowed', `This address takes ${[...new Set(methods)].join(', ')}.`);
  };
}
