import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import { WakeHub } from '../../../bridge/cluster/wake.js';
import type { Scope } from '../../../bridge/domain/reads.js';
import { loadCommands } from '../../../bridge/compose-commands.js';
import { apiDocument, callbackDocument } from '../../../bridge/inbound/api-document.js';
import { API_REFUSALS, helpdeskRoutes } from '../../../bridge/inbound/helpdesk-api/routes.js';
import { docsRouter } from '../../../bridge/inbound/http/docs-page.js';
import { Guesses } from '../../../bridge/inbound/http/guesses.js';
import { sessionCookie } from '../../../bridge/inbound/http/session-cookie.js';
import { sessionRoutes, signedInSupervisor } from '../../../bridge/inbound/supervisor-page/session.js';
import { supervisedRoutes } from '../../../bridge/inbound/supervisor-page/supervised-routes.js';
import { mount } from '../../../bridge/inbound/http/mount.js';
import { createApp, listen, portOf } from '../../../bridge/inbound/http/server.js';
import { createStaticFiles } from '../../../bridge/inbound/http/static-files.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { Delivery } from '../../../bridge/outbound/deliver.js';
import { HelpdeskCourier } from '../../../bridge/outbound/helpdesk/courier.js';
import { recordRefused } from '../../../bridge/outbound/helpdesk/refused.js';
import { SecretBox } from '../../../bridge/shared/box.js';
import { systemClock, type Clock } from '../../../bridge/shared/clock.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { createCallbackTargets } from '../../../bridge/storage/callback-targets.js';
import { createCredentials, hashSecret } from '../../../bridge/storage/credentials.js';
import { createHelpdeskReads } from '../../../bridge/storage/helpdesk-reads.js';
import { createHostingStore } from '../../../bridge/storage/hosting-store.js';
import { createLaneStore } from '../../../bridge/storage/lane-store.js';
import { migrate } from '../../../bridge/storage/migrate.js';
import { createPool, rows, run, type Pool, type Row } from '../../../bridge/storage/pool.js';
import { createProcessStore } from '../../../bridge/storage/process-store.js';
import { createReads } from '../../../bridge/storage/reads.js';
import { createStatisticsReads } from '../../../bridge/storage/statistics-reads.js';
import { createPageSessions } from '../../../bridge/storage/operator-session-store.js';
import { createSupervisionReads } from '../../../bridge/storage/supervision-reads.js';
import { createTranscriptReads } from '../../../bridge/storage/transcript-reads.js';
import { createRoomReads } from '../../../bridge/storage/room-reads.js';
import { MysqlTransactions } from '../../../bridge/storage/transactions.js';
import { PublishedApi } from '../../support/published-api.js';
import { freshDatabase } from '../../support/stack.js';

const ALL_SCOPES: Scope[] = ['visitors', 'chats', 'operators', 'desks', 'outbox'];
/** Where the pages of the bridge say that they are. */
export const OWN_ORIGIN = 'https://chat.example.org';
export const CHAT_LIMITS = { messageBytes: 2_000, chatBytes: 20_000 };

export interface Answered<T = Record<string, unknown>> {
  status: number;
  body: T;
  headers: Headers;
}

/** The helpdesk's doors on a real database, without ejabberd: what leaves is read in the outbox. */
export interface TestBridge {
  pool: Pool;
  origin: string;
  transactions: MysqlTransactions;
  courier: HelpdeskCourier;
  clock: Clock & { ahead(milliseconds: number): void };
  query(sql: string, values?: unknown[]): Promise<Row[]>;
  /** A tenant with a desk `main`, a department and a key of all scopes. */
  instance(name: string): Promise<{ id: number; key: string; department: number }>;
  key(instanceId: number, scopes: readonly Scope[], more?: { revoked?: boolean; expired?: boolean }): Promise<string>;
  /** Every answer of the API is held against the published document. */
  call<T = Record<string, unknown>>(
    key: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answered<T>>;
  /** What ejabberd would report: an operator of the department `general`, online. */
  operator(
    instance: { id: number; key: string; department: number },
    username: string,
    show?: string,
  ): Promise<{ id: number; jid: string }>;
  /** What left towards ejabberd, in order. */
  sent(): Promise<Record<string, unknown>[]>;
  callbacks(): Promise<{ lane: string; type: string; data: Record<string, unknown> }[]>;
  deliver(): { delivery: Delivery; stop(): Promise<void> };
  stop(): Promise<void>;
}

export async function startBridge(options: { allowPrivate?: boolean; timeoutMs?: number } = {}): Promise<TestBridge> {
  const database = await freshDatabase();
  const pool = createPool({ ...database, connections: 8 });
  await migrate(pool);
  const box = new SecretBox(randomBytes(32));
  let offset = 0;
  const clock = {
    now: () => new Date(Date.now() + offset),
    monotonic: () => systemClock.monotonic(),
    ahead: (ms: number) => void (offset += ms),
  };
  const wake = new WakeHub();
  let delivery: Delivery | undefined;
  const transactions = new MysqlTransactions({
    ...{ pool, clock, ids: randomIds, box, mail: null, publicUrl: OWN_ORIGIN },
    onCommit: (effects) => {
      wake.wake(effects.wokenVisitors);
      wake.revoke(effects.revokedVisitors);
      if (effects.touchedLanes.size > 0) delivery?.nudge();
    },
  });
  const processId = await createProcessStore(pool).register('test', 3_600, false);
  const shutdown = new AbortController();
  const allowPrivateAddresses = options.allowPrivate ?? true;
  const courier = new HelpdeskCourier({
    ...{ targets: createCallbackTargets(pool, box), clock, ids: randomIds, version: '1.2.3', allowPrivateAddresses },
    timeoutMs: options.timeoutMs ?? 2_000,
  });
  const routes = helpdeskRoutes({
    ...{
      transactions,
      reads: createReads(pool, clock),
      helpdeskReads: createHelpdeskReads(pool, box),
      roomReads: createRoomReads(pool),
      transcriptReads: createTranscriptReads(pool),
      statisticsReads: createStatisticsReads(pool),
      supervisionReads: createSupervisionReads(pool),
      pageSessions: createPageSessions(pool),
      wake,
      ids: randomIds,
      commands: await loadCommands(),
    },
    ...{ chatLimits: CHAT_LIMITS, limits: { messagesOf: async () => undefined } },
    hardTimeoutSeconds: 300,
    ...{ serviceLocal: 'foyer', reservedNames: new Set(['foyer', 'foyer-api']) },
    ...{ hosting: createHostingStore(pool), hosts: ['foyer.localhost'] },
    ...{ callbackPattern: undefined },
    allowPrivateCallbacks: allowPrivateAddresses,
    hashSecret,
    operatorPage: true,
    testCallback: (id) => courier.test(id),
    shutdown: shutdown.signal,
  });
  const api = new Router({ prefix: '/api/v1' });
  api.use(mount(routes, { credentials: createCredentials(pool, clock) }).routes());
  const supervisorDeps = {
    ...{ transactions, ids: randomIds, hashSecret, guesses: new Guesses(1_000), sessions: createPageSessions(pool) },
    ...{ cookie: sessionCookie('foyer_supervisor', '/supervisor', ''), ownOrigins: new Set([OWN_ORIGIN]) },
  };
  const credentials = createCredentials(pool, clock);
  const supervisors = new Router({ prefix: '/supervisor/v1' });
  supervisors.use(mount(sessionRoutes(supervisorDeps), { credentials }).routes());
  const authenticate = signedInSupervisor(supervisorDeps);
  supervisors.use(mount(supervisedRoutes(routes), { credentials, authenticate }).routes());
  const files = createStaticFiles();
  const document = apiDocument('1.2.3', [{ prefix: '/api/v1', routes, refusals: API_REFUSALS }]);
  const published = new PublishedApi(document);
  const docs = docsRouter({
    document: () => document,
    callbacks: () => callbackDocument('1.2.3'),
    send: (ctx, path, cache) => files.send(ctx, path, cache),
  });
  const log = createLog('silent');
  const metrics = createMetrics({ processMetrics: false });
  const server = await listen(
    createApp({ log, metrics, ids: randomIds, trustedProxies: [] }, [api, supervisors, docs]),
    '127.0.0.1',
    0,
  );
  const origin = `http://127.0.0.1:${portOf(server)}`;
  const query = (sql: string, values: unknown[] = []) => rows(pool, sql, values);

  const bridge: TestBridge = {
    ...{ pool, origin, transactions, courier, clock, query },
    async instance(name) {
      const { insertId: id } = await run(
        pool,
        "INSERT INTO instances (name, display_name, host, created_at) VALUES (?, ?, 'foyer.localhost', NOW(3))",
        [name, name],
      );
      const { insertId: department } = await run(
        pool,
        "INSERT INTO departments (instance_id, name, created_at) VALUES (?, 'general', NOW(3))",
        [id],
      );
      await run(
        pool,
        "INSERT INTO desks (instance_id, desk_key, name, department_id, allowed_origins, texts, created_at) VALUES (?, 'main', 'Shop', ?, '[]', '{}', NOW(3))",
        [id, department],
      );
      return { id, department, key: await bridge.key(id, ALL_SCOPES) };
    },
    async key(instanceId, scopes, more = {}) {
      const key = `fk_${randomIds.secret(32)}`;
      await run(
        pool,
        'INSERT INTO api_keys (instance_id, name, prefix, key_hash, scopes, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, NOW(3), ?, ?)',
        [
          ...[instanceId, 'test', key.slice(0, 8), hashSecret(key), scopes.join(' ')],
          ...[more.expired === true ? new Date(Date.now() - 60_000) : null, more.revoked === true ? new Date() : null],
        ],
      );
      return key;
    },
    async call<T>(
      key: string | null,
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) {
      const response = await fetch(origin + path, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = (text === '' ? {} : JSON.parse(text)) as T;
      if (path.startsWith('/api/'))
        published.check(method, path, { status: response.status, headers: response.headers, body: json });
      return { status: response.status, body: json, headers: response.headers };
    },
    async operator(instance, username, show = 'available') {
      const made = await bridge.call<{ operator: { id: number; jid: string } }>(
        instance.key,
        'POST',
        '/api/v1/operators',
        {
          ...{
            username,
            name: username.slice(0, 1).toUpperCase() + username.slice(1),
            departments: [instance.department],
          },
        },
      );
      const { id, jid } = made.body.operator;
      if (show !== 'offline') {
        await run(
          pool,
          "INSERT INTO operator_presence (operator_id, show_state, status, priority, resources, reported_at, confirmed_at) VALUES (?, ?, '', 0, 1, NOW(3), NOW(3))",
          [id, show],
        );
      }
      return { id, jid };
    },
    async sent() {
      const found = await query("SELECT outbox.entry FROM outbox WHERE outbox.lane LIKE 'a:%' ORDER BY outbox.id");
      return found.map((row) => JSON.parse(row['entry'] as string) as Record<string, unknown>);
    },
    async callbacks() {
      const found = await query(
        "SELECT outbox.lane, outbox.entry FROM outbox WHERE outbox.lane LIKE 'h:%' ORDER BY outbox.id",
      );
      return found.map((row) => ({
        lane: row['lane'] as string,
        ...(JSON.parse(row['entry'] as string) as { type: string; data: Record<string, unknown> }),
      }));
    },
    deliver() {
      const lanes = createLaneStore(pool);
      const events = createEvents(log, metrics);
      const started = new Delivery({
        ...{ target: 'helpdesk', lanes, events, metrics, clock, processId, concurrency: 8 },
        random: () => 0,
        mayServe: () => true,
        serve: (lane, entries) => courier.serve(lane, entries),
        givenUp: recordRefused(transactions),
      });
      delivery = started;
      started.start();
      return { delivery: started, stop: () => started.stop(3_000) };
    },
    async stop() {
      shutdown.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      courier.close();
      await pool.end();
      await database.drop();
    },
  };
  return bridge;
}
