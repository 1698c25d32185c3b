import { randomBytes } from 'node:crypto';
import { createOperator } from '../../../bridge/domain/operators/create-operator.js';
import { composeCore, type Core } from '../../../bridge/compose.js';
import { loadConfig } from '../../../bridge/config/load.js';
import { createLog } from '../../../bridge/observe/log.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { migrate } from '../../../bridge/storage/migrate.js';
import { rows, type Pool } from '../../../bridge/storage/pool.js';
import { insertFirstDesk } from '../../support/first-data.js';
import { freshDatabase, privateEjabberd, type FreshDatabase, type PrivateEjabberd } from '../../support/stack.js';
import { until } from '../../support/until.js';
import { BridgeChild } from './bridge-child.js';
import { HttpConnection } from './http-load.js';
import { withoutArchive } from './no-archive.js';
import { LoadClient, type Login } from './xmpp-load.js';

/** No limit of requests stands in the way. */
const UNLIMITED = '100000000';

/** A chat between an operator's client and a visitor's page. */
export interface BenchChat {
  id: number;
  operator: LoadClient;
  /** The visitor's contact. */
  contact: string;
  token: string;
}

/** Real MariaDB, real ejabberd with mod_foyer, the bridge in its own process; the load is made in this one. */
export class BenchFoyer {
  private constructor(
    private readonly db: FreshDatabase,
    readonly ejabberd: PrivateEjabberd,
    public bridge: BridgeChild,
    private readonly settings: Record<string, string>,
    readonly core: Core,
    readonly base: string,
  ) {}

  static async start(): Promise<BenchFoyer> {
    const db = await freshDatabase();
    const port = await freePort();
    const ejabberd = await privateEjabberd({ hooksUrl: `http://127.0.0.1:${port}/hooks/ejabberd` });
    await withoutArchive(ejabberd);
    const settings = settingsFor(db, ejabberd, port);
    const core = composeCore(loadConfig(undefined, settings), { log: createLog('silent') });
    await migrate(core.pool);
    await insertFirstDesk(core.pool, ejabberd.host);
    const bridge = await BridgeChild.start(settings);
    // mod_foyer has found nobody until now, and waits before it looks again.
    await ejabberd.ctl('foyer_spool_resend', ejabberd.host);
    return new BenchFoyer(db, ejabberd, bridge, settings, core, `http://127.0.0.1:${port}`);
  }

  /** @param meanwhile while there is none */
  async restartBridge(meanwhile: () => Promise<void>): Promise<void> {
    await this.bridge.stop();
    await meanwhile();
    this.bridge = await BridgeChild.start(this.settings);
  }

  get pool(): Pool {
    return this.core.pool;
  }

  /** Registers operators of the one department and logs them in. */
  async operators(count: number): Promise<LoadClient[]> {
    const logins = await this.registerOperators(count);
    const clients = await Promise.all(logins.map((login) => LoadClient.login(login)));
    await this.untilCount("SELECT COUNT(*) AS n FROM operator_presence WHERE show_state <> 'offline'", count);
    return clients;
  }

  /** Operators of the one department, whose clients may log in. */
  async registerOperators(count: number): Promise<Login[]> {
    const made = await this.core.transactions.alone(async (tx) => {
      const instance = await tx.instances.get(1);
      const wanted = Array.from({ length: count }, (_, i) => ({
        user: `op${i + 1}`,
        password: randomBytes(12).toString('base64url'),
      }));
      for (const { user: username, password } of wanted) {
        await createOperator(tx, instance, new Set(), {
          username,
          name: username,
          password,
          maxChats: 1000,
          departmentIds: [1],
        });
      }
      return wanted;
    });
    await this.untilCount("SELECT COUNT(*) AS n FROM accounts WHERE kind = 'operator' AND state = 'ready'", count);
    const { host, c2sPort } = this.ejabberd;
    return made.map(({ user, password }) => ({ host, c2sPort, user, password }));
  }

  /** Each operator invites so many visitors, who answer: chats that have an owner. */
  async chats(operators: readonly LoadClient[], each: number): Promise<BenchChat[]> {
    const make = async (operator: LoadClient): Promise<BenchChat[]> => {
      const connection = await HttpConnection.open(this.base);
      const chats: BenchChat[] = [];
      while (chats.length < each) chats.push(await this.chat(connection, operator));
      connection.close();
      return chats;
    };
    return (await Promise.all(operators.map(make))).flat();
  }

  /** Waits until the statement's `n` is so much. */
  async untilCount(sql: string, count: number, seconds = 120): Promise<void> {
    await until(async () => Number((await rows(this.pool, sql))[0]?.['n']) >= count, `${count} of ${sql}`, seconds);
  }

  /** A page view, over this connection or one of its own; without a token of a new visitor. */
  async visit(
    token: string,
    over?: HttpConnection,
  ): Promise<{ token?: string; visitor: { id: number }; chat: { id: number } | null }> {
    const connection = over ?? (await HttpConnection.open(this.base));
    const { status, body } = await connection.post('/visitor/v1/visits', PAGE_VIEW, token);
    if (over === undefined) connection.close();
    if (status !== 200) throw new Error(`A page view was answered with ${status}: ${body}`);
    return JSON.parse(body) as { token?: string; visitor: { id: number }; chat: { id: number } | null };
  }

  async outboxDepth(): Promise<number> {
    return Number((await rows(this.pool, 'SELECT COUNT(*) AS n FROM outbox'))[0]?.['n']);
  }

  async stop(): Promise<void> {
    await this.bridge.stop();
    await this.core.pool.end();
    await this.ejabberd.stop();
    await this.db.drop();
  }

  private async chat(connection: HttpConnection, operator: LoadClient): Promise<BenchChat> {
    const { token: secret = '', visitor } = await this.visit('', connection);
    const token = `Bearer ${secret}`;
    const contact = `visitor.${visitor.id}@${this.ejabberd.host}`;
    await operator.say(contact, 'Can I help you?', `invite-${visitor.id}`);
    const chat = await until(async () => (await this.visit(token, connection)).chat, 'the invitation');
    await connection.post(
      `/visitor/v1/chats/${chat.id}/messages`,
      { client_message_id: 'first', text: 'Yes, please' },
      token,
    );
    return { id: chat.id, operator, contact, token };
  }
}

const PAGE_VIEW = { desk: 'main', page: { url: 'https://shop.example/pricing' } };

function settingsFor(db: FreshDatabase, ejabberd: PrivateEjabberd, port: number): Record<string, string> {
  return {
    FOYER_HTTP_PORT: String(port),
    FOYER_DATABASE_HOST: db.host,
    FOYER_DATABASE_PORT: String(db.port),
    FOYER_DATABASE_SOCKET: db.socketPath,
    FOYER_DATABASE_USER: db.user,
    FOYER_DATABASE_PASSWORD: db.password,
    FOYER_DATABASE_NAME: db.database,
    FOYER_EJABBERD_HOST: ejabberd.host,
    FOYER_EJABBERD_API_URL: ejabberd.apiUrl,
    FOYER_EJABBERD_API_USER: ejabberd.apiUser,
    FOYER_EJABBERD_API_PASSWORD: ejabberd.apiPassword,
    FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${ejabberd.c2sPort}`,
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
    FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true',
    FOYER_LIMITS_CHAT_BYTES: '67108864',
    FOYER_VISITORS_HARD_TIMEOUT_SECONDS: '86400',
    FOYER_LOG_LEVEL: process.env['FOYER_TEST_LOG'] ?? 'warn',
  };
}
