import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startMariadb, type DatabaseAccess, type Mariadb } from '../../bridge/stack/mariadb.js';
import { freePort } from '../../bridge/stack/ports.js';
import { knownMigrations, statementsOf } from '../../bridge/storage/migrate.js';
import { createPool, rows, run, type Pool } from '../../bridge/storage/pool.js';
import { spawnFoyer, type RunningCli } from '../support/cli.js';
import { insertFirstDesk } from '../support/first-data.js';
import { Page } from '../support/page.js';
import { leftovers } from '../support/stack-leftovers.js';
import { privateEjabberd, type PrivateEjabberd } from '../support/stack.js';
import { until } from '../support/until.js';

const MIGRATIONS = fileURLToPath(new URL('../../bridge/storage/migrations/', import.meta.url));

interface Ready {
  status: number;
  body: { status: string; checks: Record<string, string> };
}

describe('a bridge that starts', function () {
  this.timeout(120_000);
  let mariadb: Mariadb;
  let ejabberd: PrivateEjabberd;
  let port: number;
  let end: () => Promise<void>;
  const started: { running: RunningCli; pool: Pool }[] = [];

  before(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'foyer-start-up-'));
    mariadb = await startMariadb({ dir, port: await freePort(), bufferPool: '64M' });
    end = leftovers.track(`MariaDB in ${dir}`, async () => {
      await mariadb.stop();
      await rm(dir, { recursive: true, force: true });
    });
    port = await freePort();
    ejabberd = await privateEjabberd({ hooksUrl: `http://127.0.0.1:${port}/hooks/ejabberd` });
  });

  afterEach(async () => {
    for (const { running, pool } of started.splice(0)) {
      running.signal('SIGKILL');
      await running.done;
      await pool.end();
    }
  });

  after(async () => {
    await ejabberd.stop();
    await end();
  });

  function start(access: DatabaseAccess, httpPort = port): { running: RunningCli & { pid: number }; pool: Pool } {
    const env = {
      FOYER_HTTP_PORT: String(httpPort),
      FOYER_DATABASE_PORT: String(mariadb.port),
      FOYER_DATABASE_USER: access.user,
      FOYER_DATABASE_PASSWORD: access.password,
      FOYER_DATABASE_NAME: access.database,
      FOYER_EJABBERD_HOST: ejabberd.host,
      FOYER_EJABBERD_API_URL: ejabberd.apiUrl,
      FOYER_EJABBERD_API_USER: ejabberd.apiUser,
      FOYER_EJABBERD_API_PASSWORD: ejabberd.apiPassword,
      FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${ejabberd.c2sPort}`,
      FOYER_HOOKS_SECRETS: ejabberd.hooksSecrets.join(','),
      FOYER_SECRETS_ACCOUNT_KEY: randomBytes(32).toString('base64'),
      FOYER_LOG_LEVEL: 'info',
    };
    const running = spawnFoyer(['serve'], { env });
    const pool = createPool({ host: '127.0.0.1', port: mariadb.port, ...access, connections: 2 });
    started.push({ running, pool });
    return { running, pool };
  }

  const lost = (running: RunningCli, what: string): number =>
    running
      .out()
      .split('\n')
      .filter((line) => line.includes(`"what":"${what}"`) && line.includes('not reachable')).length;

  async function ready(at = port): Promise<Ready | null> {
    const response = await fetch(`http://127.0.0.1:${at}/readyz`).catch(() => null);
    return response && { status: response.status, body: (await response.json()) as Ready['body'] };
  }

  const untilReady = (at = port, status = 'ready') =>
    until(async () => (await ready(at))?.body.status === status, `the bridge ${status}`, 60, 50);

  /** The schema as the database has it. */
  const schemaOf = async (pool: Pool) =>
    rows(
      pool,
      `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    );
  const migrated = async (pool: Pool) =>
    (await rows(pool, 'SELECT number FROM migrations ORDER BY number')).map((row) => row['number'] as number);
  const allMigrations = async () => (await knownMigrations()).map(({ number }) => number);

  it('before the database is there has its doors open, says what is missing, and goes on by itself', async () => {
    const access = await mariadb.createDatabase('late');
    await mariadb.stop();
    let tries = 0;
    const nobody = createServer((socket) => {
      tries += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => nobody.listen(mariadb.port, '127.0.0.1', resolve));
    const { running, pool } = start(access);
    const base = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${base}/healthz`).catch(() => null))?.status === 200, 'the doors', 30);
    expect(await ready()).to.deep.equal({
      status: 503,
      body: { status: 'not ready', checks: { database: 'failed', migrations: 'failed', ejabberd: 'ok' } },
    });
    const knocks: [string, string][] = [
      ['POST', '/visitor/v1/visits'],
      ['POST', '/hooks/ejabberd'],
      ['GET', '/api/v1/chats'],
      ['GET', '/widget.js'],
    ];
    for (const [method, path] of knocks) {
      const response = await fetch(`${base}${path}`, { method });
      const { code } = (await response.json()) as { code: string };
      expect([response.status, code, response.headers.get('retry-after')], path).to.deep.equal([
        503,
        'database_unavailable',
        '2',
      ]);
    }
    await until(() => tries >= 4, 'four tries', 30);
    expect(lost(running, 'database'), 'lines about it').to.equal(1);
    await new Promise((resolve) => nobody.close(resolve));
    await mariadb.restart();
    await untilReady();
    expect(running.out()).to.include('"what":"database","msg":"reachable"');
    expect(await migrated(pool)).to.deep.equal(await allMigrations());
    running.signal('SIGTERM');
    expect(await running.done).to.equal(0);
  });

  it('without ejabberd serves pages, says so once, and delivers when it comes', async () => {
    const access = await mariadb.createDatabase('lonely');
    const first = start(access);
    await untilReady();
    first.running.signal('SIGTERM');
    await first.running.done;
    await insertFirstDesk(first.pool, ejabberd.host);
    await ejabberd.kill();
    const { running, pool } = start(access);
    await untilReady(port, 'degraded');
    expect(await ready()).to.deep.equal({
      status: 200,
      body: { status: 'degraded', checks: { database: 'ok', migrations: 'ok', ejabberd: 'failed' } },
    });
    const page = new Page(`http://127.0.0.1:${port}`);
    await page.visit();
    const { id } = await page.startChat('Anybody there?');
    expect(await page.messages(id)).to.have.length(1);
    await until(() => lost(running, 'ejabberd') > 0, 'a line about it');
    const waiting = async () =>
      (await rows(pool, 'SELECT attempts FROM lanes WHERE attempts > 0 AND owner IS NULL')).length > 0;
    await until(waiting, 'the first tries to be over', 30);
    expect(lost(running, 'ejabberd'), 'lines about it').to.equal(1);
    await ejabberd.restart();
    await untilReady();
    await until(() => running.out().includes('"what":"ejabberd","msg":"reachable"'), 'the line that it is back');
    await until(
      async () => (await rows(pool, "SELECT id FROM accounts WHERE kind = 'visitor' AND state = 'ready'")).length === 1,
      'the visitor’s account on ejabberd',
      30,
    );
  });

  it('beside another on an empty database gets the same schema as it, once', async () => {
    const access = await mariadb.createDatabase('twice');
    const other = await freePort();
    const [{ running, pool }, { running: second }] = [start(access), start(access, other)];
    await Promise.all([untilReady(), untilReady(other)]);
    expect(await migrated(pool)).to.deep.equal(await allMigrations());
    const alive = await rows(pool, 'SELECT id FROM processes WHERE expires_at > NOW(3)');
    expect(alive).to.have.length(2);
    for (const one of [running, second]) {
      one.signal('SIGTERM');
      expect(await one.done).to.equal(0);
    }
  });

  it('completes a migration in the middle of which another was killed', async () => {
    const whole = start(await mariadb.createDatabase('whole'));
    await untilReady();
    whole.running.signal('SIGTERM');
    await whole.running.done;
    const access = await mariadb.createDatabase('halved');
    const { running, pool } = await killedBehind(access, 'outbox', 'dead_letters');
    expect(await migrated(pool), 'not done with the file').to.not.include(9);
    expect(await rows(pool, "SHOW TABLES LIKE 'outbox'"), 'but in the midst of it').to.have.length(1);
    expect(await running.done).to.equal(1000);
    const again = start(access);
    await untilReady();
    expect(await migrated(again.pool)).to.deep.equal(await allMigrations());
    expect(await schemaOf(again.pool)).to.deep.equal(await schemaOf(whole.pool));
  });

  /** A start that is killed when the migration has made one table and waits, because somebody holds it, for the next of the same file. */
  async function killedBehind(access: DatabaseAccess, made: string, held: string): Promise<(typeof started)[number]> {
    const holder = createPool({ host: '127.0.0.1', port: mariadb.port, ...access, connections: 1 });
    const file = (await knownMigrations()).find(({ number }) => number === 9)?.file ?? '';
    const statement = statementsOf(await readFile(`${MIGRATIONS}${file}`, 'utf8')).find((one) =>
      one.startsWith(`CREATE TABLE IF NOT EXISTS ${held} `),
    );
    await run(holder, statement ?? '');
    await run(holder, `LOCK TABLES ${held} WRITE`);
    const half = start(access);
    await until(async () => (await rows(half.pool, `SHOW TABLES LIKE '${made}'`)).length === 1, `${made}`, 30);
    await until(
      async () =>
        (
          await rows(half.pool, 'SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ? AND INFO LIKE ?', [
            access.database,
            `CREATE TABLE IF NOT EXISTS ${held} %`,
          ])
        ).length > 0,
      'the migration to wait',
    );
    half.running.signal('SIGKILL');
    await half.running.done;
    await run(holder, 'UNLOCK TABLES');
    await holder.end();
    return half;
  }
});
