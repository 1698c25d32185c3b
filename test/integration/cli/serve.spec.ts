import { createServer } from 'node:http';
import { expect } from 'chai';
import { createPool, rows, run, type Pool } from '../../../bridge/storage/pool.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { TestFoyer } from '../../support/bridge.js';
import { environmentOf, spawnFoyer } from '../../support/cli.js';
import { until } from '../../support/until.js';

describe('foyer serve', function () {
  this.timeout(60_000);
  let foyer: TestFoyer;
  let env: Record<string, string>;
  let pool: Pool;

  before(async () => {
    foyer = await TestFoyer.start();
    await foyer.stopBridge();
    const { host, port, user, password, database } = foyer.db;
    pool = createPool({ host, port, user, password, database, connections: 2 });
    env = { ...environmentOf(foyer.settings), FOYER_LOG_LEVEL: 'info' };
  });
  after(async () => {
    await pool.end();
    await foyer.stop();
  });

  const started: ReturnType<typeof spawnFoyer>[] = [];
  afterEach(async () => {
    for (const running of started.splice(0)) {
      running.signal('SIGKILL');
      await running.done;
    }
  });
  const start = (changed: Record<string, string> = {}, imports: string[] = []) => {
    const running = spawnFoyer(['serve'], { env: { ...env, ...changed }, imports });
    started.push(running);
    return running;
  };
  const serve = async () => {
    const running = start();
    await running.sees('bridge runs', 30);
    return running;
  };
  const events = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; level: string });

  it('is ready, logs JSON lines, and ends in order with SIGTERM', async () => {
    const running = await serve();
    const ready = await fetch(`${foyer.base}/readyz`);
    expect(await ready.json()).to.deep.include({ status: 'ready' });
    running.signal('SIGTERM');
    expect(await running.done).to.equal(0);
    expect(events(running.out()).map(({ msg }) => msg)).to.include.members([
      'bridge runs',
      'bridge ends',
      'bridge ended',
    ]);
    const [left] = await rows(pool, 'SELECT COUNT(*) AS processes FROM processes');
    expect(left?.['processes']).to.equal(0);
  });

  it('finishes an answer that is under way', async () => {
    const running = await serve();
    const page = foyer.page();
    await page.visit();
    const { body } = await page.call<{ cursor: string }>('GET', '/events?wait=0');
    const listening = page.call('GET', `/events?wait=25&cursor=${body.cursor}`);
    await until(
      async () => (await (await fetch(`${foyer.base}/metrics`)).text()).includes('foyer_listeners 1'),
      'a page that listens',
    );
    running.signal('SIGINT');
    expect((await listening).status).to.equal(200);
    expect(await running.done).to.equal(0);
  });

  it('asks to be started again (75) when another process took it for dead', async () => {
    const running = await serve();
    await run(pool, 'DELETE FROM processes');
    expect(await running.done).to.equal(75);
  });

  it('ends with 1 and says why when something breaks that nobody caught', async () => {
    const bomb = 'data:text/javascript,setTimeout(() => { Promise.reject(new Error("bomb")) }, 3000)';
    const running = start({}, [bomb]);
    expect(await running.done).to.equal(1);
    expect(events(running.out()).find(({ level }) => level === 'fatal')).to.deep.include({
      msg: 'ends because of an error that nobody caught',
    });
  });

  it('names every fault of its configuration at once, with 78', async () => {
    const running = start({ FOYER_HTTP_PORT: 'eighty', FOYER_LOG_LEVEL: 'loud' });
    expect(await running.done).to.equal(78);
    expect(running.err()).to.include('http.port').and.include('log.level');
  });

  it('says with 69 that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(foyer.settings.http.port, '127.0.0.1', resolve));
    const running = start();
    expect(await running.done).to.equal(69);
    expect(running.err()).to.include('port is taken');
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  it('waits for a database that is away, and ends at once when it is told to while it waits', async () => {
    const running = start({ FOYER_DATABASE_PORT: String(await freePort()) });
    await running.sees('waiting for it', 30);
    running.signal('SIGTERM');
    expect(await running.done).to.equal(0);
  });
});
