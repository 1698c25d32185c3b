import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World } from '../../faults/support/world.js';
import { leftovers } from '../../support/stack-leftovers.js';
import { apiKey } from '../../support/helpdesk.js';
import { operatorClient, type OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { rows, type Row } from '../../../bridge/storage/pool.js';
import type { Visitor } from './visitor.js';
import { Site } from './site.js';

/** A real Live Helper Chat, connected to a whole Foyer in processes of its own. */
export class Stand {
  private readonly clients: OperatorClient[] = [];

  private constructor(
    readonly world: World,
    readonly site: Site,
    private readonly dispose: () => Promise<void>,
  ) {}

  static async start(options: { env?: Record<string, string>; server?: 'fpm' | 'cli' } = {}): Promise<Stand> {
    const checkout = process.env['LIVE_HELPER_CHAT'];
    if (checkout === undefined) throw new Error('LIVE_HELPER_CHAT must name lhc_web of a checkout of Live Helper Chat');
    const dir = await mkdtemp(join(tmpdir(), 'foyer-lhc-'));
    const world = await World.start();
    world.startBridge(options.env === undefined ? {} : { env: options.env });
    const { host, port } = world.mariadb;
    const site = await Site.start(
      dir,
      checkout,
      { host, port, ...(await world.mariadb.createDatabase('lhc')) },
      options.server,
    );
    const dispose = leftovers.track(`Live Helper Chat in ${dir}`, async () => {
      await site.stop();
      await rm(dir, { recursive: true, force: true });
    });
    await world.untilReady();
    const said = await site.connect(`http://127.0.0.1:${world.links.pages.port}`, await apiKey(world.core));
    if (said.includes('FAIL')) throw new Error(said);
    const stand = new Stand(world, site, dispose);
    await site.cron('cron/deliver');
    return stand;
  }

  /** Gives a user of Live Helper Chat an XMPP account by the back office's page; its password. */
  async account(userId: number, username: string): Promise<string> {
    const admin = await this.site.backOffice();
    await admin.page('foyer/operators');
    const html = await admin.submit('foyer/operators', {
      ...{ user_id: String(userId), by: 'other', username, create: 'Create' },
    });
    const password = /<code>([^<]+)<\/code>/.exec(html)?.[1];
    if (password === undefined) throw new Error(`No account: ${html}`);
    await until(
      async () =>
        (await this.bridgeRows('SELECT state FROM accounts WHERE local = ?', [username]))[0]?.['state'] === 'ready',
      `${username} on ejabberd`,
    );
    return password;
  }

  /** Logs an operator's client in, and waits until Live Helper Chat has it online. */
  async client(user: string, password: string): Promise<OperatorClient> {
    const { host } = this.world.ejabberd;
    const client = await operatorClient({ host, c2sPort: this.world.ejabberd.c2sPort, user, password });
    this.clients.push(client);
    await until(
      async () =>
        (await this.site.rows("SELECT 1 FROM lhc_foyer_operator WHERE username = ? AND presence <> 'offline'", [user]))
          .length > 0,
      `${user} online in Live Helper Chat`,
    );
    return client;
  }

  /** The contact that operators have of this visitor. */
  async contactOf(visitor: Visitor): Promise<string> {
    const [row] = await this.site.rows<{ id: number }>('SELECT id FROM lh_chat_online_user WHERE vid = ?', [
      visitor.vid,
    ]);
    const id = await until(
      async () =>
        (await this.bridgeRows('SELECT id FROM visitors WHERE external_id = ?', [String(row?.id)]))[0]?.[
          'id'
        ] as number,
      'the visitor at the bridge',
    );
    return `visitor.${id}@${this.world.ejabberd.host}`;
  }

  bridgeRows(sql: string, values: unknown[] = []): Promise<Row[]> {
    return rows(this.world.core.pool, sql, values);
  }

  async stop(): Promise<void> {
    for (const client of this.clients) await client.stop().catch(() => undefined);
    await this.dispose();
    await this.world.close();
  }
}
