import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeCore, type Core } from '../../../bridge/compose.js';
import { loadConfig } from '../../../bridge/config/load.js';
import { createOperator } from '../../../bridge/domain/operators/create-operator.js';
import { createLog } from '../../../bridge/observe/log.js';
import { startMariadb, type Mariadb } from '../../../bridge/stack/mariadb.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { randomWebhookSecret } from '../../../bridge/stack/private-files.js';
import { migrate } from '../../../bridge/storage/migrate.js';
import { rows } from '../../../bridge/storage/pool.js';
import { spawnFoyer, type RunningCli } from '../../support/cli.js';
import { insertFirstDesk } from '../../support/first-data.js';
import { leftovers } from '../../support/stack-leftovers.js';
import { privateEjabberd, type PrivateEjabberd } from '../../support/stack.js';
import { until } from '../../support/until.js';
import { Helpdesk } from './helpdesk.js';
import { Link } from './link.js';

/** Of callbacks: short, so that a helpdesk that is silent for twice as long is soon over. */
const CALLBACK_TIMEOUT_S = 2;
const UNLIMITED = '1000000';

export type Part = 'bridge' | 'ejabberd' | 'mariadb';
export const LINKS = ['pages', 'operators', 'hooks', 'api', 'sessions', 'database', 'callbacks'] as const;
export type LinkName = (typeof LINKS)[number];

/** A whole Foyer in processes of its own, with a link that can be cut between each pair of parts. The bridge is started again whenever it ends, as a service is. */
export class World {
  private bridge: (RunningCli & { pid: number }) | null = null;
  private closing = false;
  /** Set while the bridge is to stay down. */
  private held = false;
  private supervising: Promise<void> = Promise.resolve();
  /** How often the bridge ended, by its exit code. */
  readonly ends = new Map<number, number>();

  private constructor(
    readonly mariadb: Mariadb,
    readonly ejabberd: PrivateEjabberd,
    readonly helpdesk: Helpdesk,
    readonly links: Readonly<Record<LinkName, Link>>,
    /** Past the links, and without a bridge: for looking at what became of it all. */
    readonly core: Core,
    private readonly environment: Record<string, string>,
    private readonly dispose: () => Promise<void>,
  ) {}

  static async start(): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), 'foyer-faults-'));
    const mariadb = await startMariadb({ dir: join(dir, 'mariadb'), port: await freePort(), bufferPool: '256M' });
    const database = await mariadb.createDatabase('foyer');
    const bridgePort = await freePort();
    const secret = randomWebhookSecret();
    const helpdesk = await Helpdesk.open(secret, CALLBACK_TIMEOUT_S * 1000);
    const hooks = await Link.open('hooks', () => bridgePort);
    const ejabberd = await privateEjabberd({ hooksUrl: `http://127.0.0.1:${hooks.port}/hooks/ejabberd` });
    const links = {
      hooks,
      pages: await Link.open('pages', () => bridgePort),
      operators: await Link.open('operators', () => ejabberd.c2sPort),
      sessions: await Link.open('sessions', () => ejabberd.c2sPort),
      api: await Link.open('api', () => ejabberd.httpPort),
      database: await Link.open('database', () => mariadb.port),
      callbacks: await Link.open('callbacks', () => helpdesk.port),
    };
    const environment = {
      FOYER_HTTP_PORT: String(bridgePort),
      FOYER_DATABASE_PORT: String(links.database.port),
      FOYER_DATABASE_USER: database.user,
      FOYER_DATABASE_PASSWORD: database.password,
      FOYER_DATABASE_NAME: database.database,
      FOYER_EJABBERD_HOST: ejabberd.host,
      FOYER_EJABBERD_API_URL: `http://127.0.0.1:${links.api.port}/api`,
      FOYER_EJABBERD_API_USER: ejabberd.apiUser,
      FOYER_EJABBERD_API_PASSWORD: ejabberd.apiPassword,
      FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${links.sessions.port}`,
      FOYER_HOOKS_SECRETS: ejabberd.hooksSecrets.join(','),
      FOYER_SECRETS_ACCOUNT_KEY: randomBytes(32).toString('base64'),
      FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_ADDRESS: UNLIMITED,
      FOYER_LIMITS_MESSAGES_PER_MINUTE_PER_VISITOR: UNLIMITED,
      FOYER_LIMITS_CHATS_PER_HOUR_PER_ADDRESS: UNLIMITED,
      FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_VISITOR: UNLIMITED,
      FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_KEY: UNLIMITED,
      FOYER_LIMITS_CHATS_PER_MINUTE: UNLIMITED,
      FOYER_LIMITS_OPEN_CHATS_PER_ADDRESS: UNLIMITED,
      FOYER_LIMITS_LISTENERS_PER_ADDRESS: UNLIMITED,
      FOYER_VISITORS_HARD_TIMEOUT_SECONDS: '7200',
      FOYER_HELPDESK_TIMEOUT_SECONDS: String(CALLBACK_TIMEOUT_S),
      FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true',
      FOYER_LOG_LEVEL: process.env['FOYER_TEST_LOG'] ?? 'warn',
    };
    const settings = loadConfig(undefined, { ...environment, FOYER_DATABASE_PORT: String(mariadb.port) });
    const core = composeCore(settings, { log: createLog('silent') });
    await migrate(core.pool);
    await insertFirstDesk(core.pool, ejabberd.host);
    await core.transactions.alone((tx) =>
      tx.instances.setCallback(1, `http://127.0.0.1:${links.callbacks.port}/callback`, [secret]),
    );
    const dispose = leftovers.track(`faults in ${dir}`, async () => {
      await core.pool.end();
      for (const link of Object.values(links)) await link.close();
      await helpdesk.close();
      await mariadb.stop();
      await rm(dir, { recursive: true, force: true });
    });
    return new World(mariadb, ejabberd, helpdesk, links, core, environment, dispose);
  }

  get bridgeUrl(): string {
    return `http://127.0.0.1:${this.environment['FOYER_HTTP_PORT']}`;
  }

  /** As pages reach it. */
  get pagesUrl(): string {
    return `http://127.0.0.1:${this.links.pages.port}`;
  }

  /** Registers operators of the one department; their accounts appear on ejabberd once the bridge runs. */
  async addOperators(count: number): Promise<{ user: string; password: string }[]> {
    const wanted = Array.from({ length: count }, (_, i) => ({
      user: `operator${i + 1}`,
      password: randomBytes(12).toString('base64url'),
    }));
    await this.core.transactions.alone(async (tx) => {
      const instance = await tx.instances.get(1);
      for (const { user: username, password } of wanted)
        await createOperator(tx, instance, new Set(), {
          ...{ username, name: username, password, maxChats: 1000, departmentIds: [1] },
        });
    });
    return wanted;
  }

  /** Starts the bridge, and again whenever it ends. @param extra environment and modules for the first start alone */
  startBridge(extra: { env?: Record<string, string>; imports?: string[] } = {}): void {
    this.held = false;
    this.supervising = this.supervise(extra);
  }

  async untilReady(seconds = 60): Promise<void> {
    await until(
      async () => (await fetch(`${this.bridgeUrl}/readyz`).catch(() => null))?.status === 200,
      'the bridge to be ready',
      seconds,
      50,
    );
  }

  /** Operators whom the bridge knows to be online. */
  async operatorsOnline(): Promise<number> {
    const [row] = await rows(
      this.core.pool,
      "SELECT COUNT(*) AS n FROM operator_presence WHERE operator_presence.show_state <> 'offline'",
    );
    return Number(row?.['n']);
  }

  pidOf(part: Part): number {
    if (part === 'bridge') return this.bridge?.pid ?? 0;
    return part === 'ejabberd' ? this.ejabberd.pid : this.mariadb.pid;
  }

  /** `kill -9`, and started again at once. */
  async kill(part: Part): Promise<void> {
    if (part === 'bridge') return this.restartBridge('SIGKILL');
    const server = part === 'ejabberd' ? this.ejabberd : this.mariadb;
    await server.kill();
    await server.restart();
  }

  /** Ends the bridge, which is started again at once. */
  async restartBridge(signal: NodeJS.Signals): Promise<void> {
    const { bridge } = this;
    bridge?.signal(signal);
    await bridge?.done;
  }

  /** Ends the bridge and keeps it down. */
  async stopBridge(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.held = true;
    const { bridge } = this;
    bridge?.signal(signal);
    const code = (await bridge?.done) ?? 0;
    await this.supervising;
    return code;
  }

  /** Resolves with the exit code once the bridge that runs now has ended. */
  async untilBridgeEnds(): Promise<number> {
    return (await this.bridge?.done) ?? 0;
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.stopBridge();
    await this.ejabberd.stop();
    await this.dispose();
  }

  private async supervise(extra: { env?: Record<string, string>; imports?: string[] }): Promise<void> {
    for (let first = true; !this.closing && !this.held; first = false) {
      const env = { ...this.environment, ...(first ? extra.env : {}) };
      const bridge = spawnFoyer(['serve'], { env, imports: first ? (extra.imports ?? []) : [] });
      this.bridge = bridge;
      const code = await bridge.done;
      this.ends.set(code, (this.ends.get(code) ?? 0) + 1);
    }
  }
}
