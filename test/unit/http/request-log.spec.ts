import type { Server } from 'node:http';
import Router from '@koa/router';
import { expect } from 'chai';
import { mount } from '../../../bridge/inbound/http/mount.js';
import type { Route } from '../../../bridge/inbound/http/route.js';
import { createApp, listen, portOf } from '../../../bridge/inbound/http/server.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { FoyerError } from '../../../bridge/shared/errors.js';
import { randomIds } from '../../../bridge/shared/ids.js';

const route = (method: Route['method'], path: string, more: Partial<Route> = {}): Route => ({
  ...{ method, path, operationId: 'x', summary: '', tag: '', auth: { kind: 'none' }, answers: {} },
  handle: () => Promise.resolve({ status: 204 }),
  ...more,
});
const fails = (error: Error) => ({ handle: () => Promise.reject(error) });

describe('the log of requests', () => {
  const lines: Record<string, unknown>[] = [];
  let server: Server;

  before(async () => {
    const routes = [
      route('get', '/chats/:id'),
      route('post', '/chats/:id/close'),
      route('post', '/chats/:id/messages', { frequent: true }),
      route('delete', '/desks/:id'),
      route('put', '/chats/:id/broken', fails(new Error('a fault of ours'))),
      route('put', '/chats/:id/away', fails(new FoyerError('database_unavailable', 'away'))),
    ];
    const credentials = { visitor: () => Promise.resolve(null), apiKey: () => Promise.resolve(null) };
    const routers = ['/api/v1', '/visitor/v1'].map((prefix) =>
      new Router({ prefix }).use(mount(routes, { credentials }).routes()),
    ) as Router[];
    const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const metrics = createMetrics({ processMetrics: false });
    server = await listen(createApp({ log, metrics, ids: randomIds, trustedProxies: [] }, routers), '127.0.0.1', 0);
  });

  beforeEach(() => void lines.splice(0));

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function call(method: string, path: string): Promise<Record<string, unknown>[]> {
    await (await fetch(`http://127.0.0.1:${portOf(server)}${path}`, { method })).text();
    return lines;
  }

  const levels: [method: string, path: string, level: string, chat: number | undefined][] = [
    ['POST', '/api/v1/chats/42/close', 'info', 42],
    ['DELETE', '/api/v1/desks/3', 'info', undefined],
    ['GET', '/api/v1/chats/42', 'debug', 42],
    ['POST', '/api/v1/chats/42/messages', 'debug', 42],
    ['POST', '/visitor/v1/chats/42/close', 'debug', 42],
    ['POST', '/api/v1/chats/x42/close', 'info', undefined],
  ];
  for (const [method, path, level, chat] of levels) {
    it(`has ${method} ${path} at ${level}${chat === undefined ? '' : ' with the chat'}`, async () => {
      const [line] = await call(method, path);
      expect(line).to.include({ msg: 'request', level, method });
      expect(line?.['chat']).to.equal(chat);
    });
  }

  for (const what of ['broken', 'away']) {
    it(`names the chat of a request that failed: ${what}`, async () => {
      const found = await call('PUT', `/api/v1/chats/42/${what}`);
      expect(found.find(({ msg }) => msg === 'request failed')).to.include({ level: 'error', chat: 42 });
    });
  }
});
