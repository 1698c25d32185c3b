import { randomBytes } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBridge, composeCore, type Bridge, type Overrides } from '../../bridge/compose.js';
import { loadConfig } from '../../bridge/config/load.js';
import type { Settings } from '../../bridge/config/settings.js';
import { createLog, type Logger } from '../../bridge/observe/log.js';
import { freePort } from '../../bridge/stack/ports.js';
import { migrate } from '../../bridge/storage/migrate.js';
import { run, rows, type Row } from '../../bridge/storage/pool.js';
import { insertFirstDesk } from './first-data.js';
import { operatorClient, type OperatorClient, type OperatorLogin } from './operator-client.js';
import { Page } from './page.js';
import { freshDatabase, privateEjabberd, type FreshDatabase, type PrivateEjabberd } from './stack.js';
import { until } from './until.js';

type StartOptions = Overrides & { roles?: Settings['process']['roles'] };

/** A whole Foyer of one spec file: real MariaDB, real ejabberd with mod_foyer, and the bridge in this process. */
export class TestFoyer {
  readonly base: string;
  private current: Bridge | null = null;
  private readonly clients: OperatorClient[] = [];

  private constructor(
    readonly db: FreshDatabase,
    readonly ejabberd: PrivateEjabberd,
    readonly settings: Settings,
    readonly gate: Gate,
    private readonly log: Logger,
  ) {
    this.base = `http://127.0.0.1:${settings.http.port}`;
  }

  /** `environment`: settings as FOYER_… variables, over those of the test. `log`: in place of the one on standard output. */
  static async start(
    options: {
      environment?: Record<string, string>;
      moduleOptions?: Record<string, unknown>;
      ejabberdLogLevel?: 'debug';
      /** Virtual hosts beside the first. */
      extraHosts?: readonly string[];
      log?: Logger;
    } = {},
  ): Promise<TestFoyer> {
    const db = await freshDatabase();
    const port = await freePort();
    const gate = await Gate.open(port);
    const ejabberd = await privateEjabberd({
      hooksUrl: `http://127.0.0.1:${gate.port}/hooks/ejabberd`,
      extraHosts: options.extraHosts ?? [],
      ...(options.moduleOptions === undefined ? {} : { moduleOptions: options.moduleOptions }),
      ...(options.ejabberdLogLevel === undefined ? {} : { logLevel: options.ejabberdLogLevel }),
    });
    const settings = loadConfig(undefined, {
      FOYER_HTTP_PORT: String(port),
      FOYER_DATABASE_HOST: db.host,
      FOYER_DATABASE_PORT: String(db.port),
      FOYER_DATABASE_USER: db.user,
      FOYER_DATABASE_PASSWORD: db.password,
      FOYER_DATABASE_NAME: db.database,
      FOYER_EJABBERD_HOST: ejabberd.host,
      ...(options.extraHosts === undefined ? {} : { FOYER_EJABBERD_HOSTS: options.extraHosts.join(',') }),
      FOYER_EJABBERD_API_URL: ejabberd.apiUrl,
      FOYER_EJABBERD_API_USER: ejabberd.apiUser,
      FOYER_EJABBERD_API_PASSWORD: ejabberd.apiPassword,
      FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${ejabberd.c2sPort}`,
      FOYER_EJABBERD_WEBSOCKET_URL: ejabberd.websocketUrl,
      FOYER_HOOKS_SECRETS: ejabberd.hooksSecrets.join(','),
      FOYER_SECRETS_ACCOUNT_KEY: randomBytes(32).toString('base64'),
      FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
      FOYER_LIMITS_MESSAGES_PER_MINUTE_PER_VISITOR: '1000000',
      FOYER_LIMITS_CHATS_PER_HOUR_PER_ADDRESS: '1000000',
      FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_VISITOR: '1000000',
      FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_KEY: '1000000',
      FOYER_LIMITS_WRONG_CREDENTIALS_PER_MINUTE_PER_ADDRESS: '1000000',
      FOYER_LIMITS_CHATS_PER_MINUTE: '1000000',
      FOYER_LIMITS_OPEN_CHATS_PER_ADDRESS: '1000000',
      FOYER_LIMITS_LISTENERS_PER_ADDRESS: '1000000',
      FOYER_LOG_LEVEL: process.env['FOYER_TEST_LOG'] ?? 'silent',
      ...options.environment,
    });
    const foyer = new TestFoyer(db, ejabberd, settings, gate, options.log ?? createLog(settings.log.level));
    await foyer.prepare();
    await foyer.startBridge();
    return foyer;
  }

  get bridge(): Bridge {
    if (!this.current) throw new Error('The bridge is down');
    return this.current;
  }

  /** @param roles what the bridge does this time, in place of what the settings say */
  async startBridge({ roles = this.settings.process.roles, ...overrides }: StartOptions = {}): Promise<void> {
    const settings = { ...this.settings, process: { ...this.settings.process, roles } };
    this.current = await startBridge(settings, { log: this.log, ...overrides });
  }

  async stopBridge(): Promise<void> {
    await this.current?.close();
    this.current = null;
  }

  /** A visitor's page that nobody has looked at yet. */
  page(): Page {
    return new Page(this.base);
  }

  /** Registers an operator of the department Support and waits until its account is on ejabberd. */
  async addOperator(user: string, name: string = user): Promise<{ user: string; password: string }> {
    const password = randomBytes(12).toString('base64url');
    const { transactions, pool } = this.bridge.core;
    const account = await transactions.alone(async (tx) => {
      const made = await tx.accounts.create({
        ...{ instanceId: 1, kind: 'operator', local: user, host: this.settings.ejabberd.host },
        ...{ name, rosterGroup: 'operators', password },
      });
      tx.outbox.toAccount(made, { kind: 'account.provision' });
      return made;
    });
    const { insertId } = await run(
      pool,
      'INSERT INTO operators (instance_id, account_id, name, max_chats, created_at) VALUES (1, ?, ?, 1000, NOW(3))',
      [account.id, name],
    );
    await run(pool, 'INSERT INTO operator_departments (operator_id, department_id) VALUES (?, 1)', [insertId]);
    await until(
      async () =>
        (await this.select('SELECT state FROM accounts WHERE id = ?', [account.id]))[0]?.['state'] === 'ready',
      `${user} on ejabberd`,
    );
    return { user, password };
  }

  /** Logs a client in; it is ended with the Foyer. Waits until the record has the operator online, unless it is silent. */
  async client(
    operator: { user: string; password: string },
    more: Partial<OperatorLogin> = {},
  ): Promise<OperatorClient> {
    const client = await operatorClient({
      host: this.settings.ejabberd.host,
      c2sPort: this.ejabberd.c2sPort,
      ...operator,
      ...more,
    });
    this.clients.push(client);
    if (more.silent !== true && this.current)
      await until(async () => (await this.show(operator.user)) !== 'offline', `${operator.user} online`);
    return client;
  }

  /** Registers an operator and logs it in. */
  async operator(user: string, name: string = user): Promise<OperatorClient> {
    return this.client(await this.addOperator(user, name));
  }

  /** How the record has this operator. */
  async show(user: string): Promise<string> {
    const [row] = await this.select(
      `SELECT operator_presence.show_state FROM operator_presence JOIN operators ON operators.id = operator_presence.operator_id
         JOIN accounts ON accounts.id = operators.account_id WHERE accounts.local = ?`,
      [user],
    );
    return (row?.['show_state'] as string | undefined) ?? 'offline';
  }

  /** The contact that operators see for this visitor. */
  contact(page: Page): string {
    return `visitor.${page.visitorId}@${this.settings.ejabberd.host}`;
  }

  select(sql: string, values: unknown[] = []): Promise<Row[]> {
    return rows(this.bridge.core.pool, sql, values);
  }

  async stop(): Promise<void> {
    for (const client of this.clients) await client.stop().catch(() => undefined);
    await this.stopBridge();
    await this.gate.close();
    await this.ejabberd.stop();
    await this.db.drop();
  }

  private async prepare(): Promise<void> {
    const { pool } = composeCore(this.settings, { log: createLog('silent') });
    await migrate(pool);
    await insertFirstDesk(pool, this.settings.ejabberd.host);
    await pool.end();
  }
}

/** Between mod_foyer and the bridge: lets everything through, or does to it what a test wants. */
export class Gate {
  /** Instead of passing a request on at once: a status to answer with, milliseconds to hold it back, or what it waits for. */
  behave: { answer?: number; delayMs?: number; hold?: Promise<unknown>; drop?: boolean } = {};
  /** Requests that came. */
  requests = 0;
  /** Bodies of the requests that came, whatever was then done to them. */
  readonly bodies: string[] = [];
  /** How the bridge answered those that were let through. */
  readonly statuses: number[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(target: number): Promise<Gate> {
    const server = createServer((incoming, outgoing) => {
      gate.requests += 1;
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        gate.bodies.push(Buffer.concat(chunks).toString());
        const { answer, delayMs, hold, drop } = gate.behave;
        if (drop === true) return void incoming.socket.destroy();
        if (answer !== undefined) return void outgoing.writeHead(answer).end();
        const pass = () => {
          const onwards = request(
            { host: '127.0.0.1', port: target, path: incoming.url, method: incoming.method, headers: incoming.headers },
            (response) => {
              gate.statuses.push(response.statusCode ?? 0);
              outgoing.writeHead(response.statusCode ?? 502, response.headers);
              response.pipe(outgoing);
            },
          );
          onwards.on('error', () => incoming.socket.destroy());
          onwards.end(Buffer.concat(chunks));
        };
        void (hold ?? Promise.resolve()).then(() => setTimeout(pass, delayMs ?? 0));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const gate: Gate = new Gate(server, (server.address() as AddressInfo).port);
    return gate;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
