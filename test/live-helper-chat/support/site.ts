import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { freePort } from '../../../bridge/stack/ports.js';
import { until } from '../../support/until.js';
import { BackOffice } from './back-office.js';
import { ADMIN, changeSite, copyExtension, cron, installLiveHelperChat, type Database } from './install.js';
import { Visitor } from './visitor.js';
import { WebServer } from './web-server.js';

const REST_KEY = 'a-rest-key-of-the-administrator';

/** The name and, for the visitor's first words, the choice not to write any. */
const START_FORM = [
  ['"name_visible_in_popup";b:0', '"name_visible_in_popup";b:1'],
  ['"name_visible_in_page_widget";b:0', '"name_visible_in_page_widget";b:1'],
  ['"message_require_option";s:8:"required"', '"message_require_option";s:8:"optional"'],
] as const;

/** A Live Helper Chat with the extension in place, not yet connected. */
export class Site {
  private constructor(
    readonly web: string,
    readonly server: WebServer,
    private readonly pool: Pool,
  ) {}

  /** @param checkout `lhc_web` of a Live Helper Chat; stays as it is */
  static async start(dir: string, checkout: string, database: Database, kind?: 'fpm' | 'cli'): Promise<Site> {
    const web = join(dir, 'lhc_web');
    await installLiveHelperChat(web, checkout, database);
    const port = await freePort();
    await copyExtension(web);
    await changeSite(web, { extensions: ['foyer'], site_address: `http://127.0.0.1:${port}` });
    const pool = createPool({ ...database, connectionLimit: 4, charset: 'utf8mb4' });
    await pool.query(
      'INSERT INTO lh_abstract_rest_api_key (api_key, user_id, active, ip_restrictions) VALUES (?, 1, 1, "")',
      [REST_KEY],
    );
    for (const change of START_FORM)
      await pool.query("UPDATE lh_chat_config SET value = REPLACE(value, ?, ?) WHERE identifier = 'start_chat_data'", [
        ...change,
      ]);
    const server = await WebServer.start(dir, web, port, kind);
    const site = new Site(web, server, pool);
    await site.cron('cron/util/clear_cache', false);
    await site.cron('cron/install');
    await until(
      async () => (await fetch(`${site.url}/foyer/callback`).catch(() => null))?.status === 405,
      'the site',
      60,
    );
    return site;
  }

  /** Of the front controller. */
  get url(): string {
    return `http://127.0.0.1:${this.server.port}/index.php`;
  }

  get callbackUrl(): string {
    return `${this.url}/foyer/callback`;
  }

  /** A script of the extension, or one of Live Helper Chat's own. */
  async cron(script: string, ofExtension = true, env: Record<string, string> = {}): Promise<string> {
    return cron(this.web, script, { ...(ofExtension ? { extension: 'foyer' } : {}), env });
  }

  async connect(bridgeUrl: string, key: string): Promise<string> {
    return this.cron('cron/connect', true, {
      ...{ FOYER_BRIDGE_URL: bridgeUrl, FOYER_API_KEY: key, FOYER_CALLBACK_URL: this.callbackUrl },
    });
  }

  async rows<T = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    const [found] = await this.pool.query<RowDataPacket[]>(sql, values);
    return found as T[];
  }

  async row<T = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T> {
    const [first] = await this.rows<T>(sql, values);
    if (first === undefined) throw new Error(`Nothing found by ${sql}`);
    return first;
  }

  async run(sql: string, values: unknown[] = []): Promise<void> {
    await this.pool.query(sql, values);
  }

  /** Texts of a chat's rows, with who wrote them: 0 the visitor, -1 Live Helper Chat. */
  async said(chat: number): Promise<[number, string][]> {
    const rows = await this.rows<{ user_id: number; msg: string }>(
      'SELECT user_id, msg FROM lh_msg WHERE chat_id = ? ORDER BY id',
      [chat],
    );
    return rows.map(({ user_id, msg }) => [Number(user_id), msg]);
  }

  /** A page of a visitor who has never been here. */
  visitor(): Visitor {
    return new Visitor(this.url);
  }

  /** Somebody at the back office. */
  async backOffice(user: { user: string; password: string } = ADMIN): Promise<BackOffice> {
    return BackOffice.login(`${this.url}/site_admin`, user);
  }

  /** What the administrator does by Live Helper Chat's REST API. @param body fields of a form, or with `json` as they are */
  async rest<T = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    view: string,
    body: Record<string, unknown> = {},
    json = false,
  ): Promise<T> {
    const form = () => new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)]));
    const response = await fetch(`${this.url}/restapi/${view}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(`${ADMIN.user}:${REST_KEY}`).toString('base64')}` },
      ...(method === 'GET' ? {} : { body: json ? JSON.stringify(body) : form() }),
    });
    const raw = await response.text();
    if (!response.ok) throw new Error(`${method} ${view} was answered with ${response.status}: ${raw}`);
    return JSON.parse(raw) as T;
  }

  /** What the extension complained of in Live Helper Chat's log. */
  async complaints(): Promise<string[]> {
    const log = await readFile(join(this.web, 'cache/default.log'), 'utf8').catch(() => '');
    return log.split('\n').filter((line) => /foyer/i.test(line));
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.server.stop();
  }
}
