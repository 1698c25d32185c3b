import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../bridge/stack/ports.js';
import { apiKey } from './helpdesk.js';
import type { TestFoyer } from './bridge.js';
import type { OperatorClient } from './operator-client.js';
import { freshDatabase, type FreshDatabase } from './stack.js';
import { until } from './until.js';

const SITE = fileURLToPath(new URL('../../php-extension-stubs/foyer/tests/site/live-helper-chat.php', import.meta.url));
const PROCESSES = 6; // callbacks come while a page waits for an answer of the bridge

/** The extension for Live Helper Chat as a site of PHP's own server, with a database of its own, connected to a Foyer. */
export class LiveHelperChat {
  private process: ChildProcess | null = null;

  private constructor(
    private readonly db: FreshDatabase,
    private readonly port: number,
  ) {}

  static async start(foyer: TestFoyer): Promise<LiveHelperChat> {
    const site = new LiveHelperChat(await freshDatabase(), await freePort());
    await site.serve();
    await site.ask('install');
    const callback = `http://127.0.0.1:${site.port}/index.php/foyer/callback`;
    const steps = await site.ask<{ what: string; ok: boolean; text: string }[]>('connect', {
      ...{ bridge: foyer.base, key: await apiKey(foyer.bridge.core), callback },
    });
    for (const { what, ok, text } of steps) if (!ok) throw new Error(`${what}: ${text}`);
    return site;
  }

  /** A user of Live Helper Chat with an XMPP account, logged in with a client. */
  async client(foyer: TestFoyer, username: string): Promise<OperatorClient> {
    const password = `${username}-has-a-password`;
    await this.ask('account', { username, password });
    await this.ask('cron');
    await until(
      async () =>
        (await foyer.select('SELECT state FROM accounts WHERE local = ?', [username]))[0]?.['state'] === 'ready',
      `${username}’s account`,
    );
    return foyer.client({ user: username, password });
  }

  /** Does something in Live Helper Chat; see site/live-helper-chat.php. */
  async ask<T>(what: string, more: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}/test`, {
      method: 'POST',
      body: JSON.stringify({ do: what, ...more }),
    });
    const raw = await response.text();
    if (!response.ok) throw new Error(`${what} was answered with ${response.status}: ${raw}`);
    return JSON.parse(raw) as T;
  }

  /** The request of a visitor's page that says what is in its field. */
  async type(chat: number, text: string): Promise<void> {
    const body = new URLSearchParams({ msg: text });
    await fetch(`http://127.0.0.1:${this.port}/index.php/chat/usertyping/${chat}/HASH/true`, { method: 'POST', body });
  }

  /** A request of the back office's group chats. */
  async group<T = unknown>(page: string, what: Record<string, unknown>): Promise<T> {
    const url = `http://127.0.0.1:${this.port}/index.php/site_admin/groupchat/${page}`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(what) });
    return (await response.json()) as T;
  }

  rows<T = Record<string, unknown>>(sql: string): Promise<T[]> {
    return this.ask('rows', { sql });
  }

  async stop(): Promise<void> {
    const { process: server } = this;
    if (server?.pid !== undefined) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      // Its workers are of its process group, and may have outlived it.
      process.kill(-server.pid, 'SIGKILL');
      if (server.signalCode === null) await ended;
    }
    await this.db.drop();
  }

  private async serve(): Promise<void> {
    const { socketPath, database, user, password } = this.db;
    this.process = spawn('php', ['-S', `127.0.0.1:${this.port}`, SITE], {
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        PHP_CLI_SERVER_WORKERS: String(PROCESSES),
        FOYER_TEST_DATABASE: `mysql:unix_socket=${socketPath};dbname=${database};charset=utf8mb4 ${user} ${password}`,
      },
    });
    await until(
      () =>
        fetch(`http://127.0.0.1:${this.port}/index.php/foyer/callback`).then(
          ({ status }) => status === 405,
          () => false,
        ),
      'PHP’s server',
    );
  }
}
