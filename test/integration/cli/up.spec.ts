import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isProcess } from '../../../bridge/stack/daemon.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { foyer as cli, spawnFoyer } from '../../support/cli.js';
import { Page } from '../../support/page.js';
import { until } from '../../support/until.js';

type Up = ReturnType<typeof spawnFoyer>;

describe('foyer up', function () {
  this.timeout(120_000);
  let root: string;
  let current: Up | undefined;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'foyer-up-'));
  });
  afterEach(async () => {
    await stop();
  });
  after(() => rm(root, { recursive: true, force: true }));

  // What says where things are is `up`'s own business; limits are not.
  const env = {
    FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
    FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_VISITOR: '1000000',
    FOYER_DATABASE_HOST: 'nowhere.invalid',
  };
  const begin = (...options: string[]): Up => (current = spawnFoyer(['up', '--root', root, ...options], { env }));
  const start = async (...options: string[]): Promise<Up> => {
    const up = begin(...options);
    await up.sees('Ctrl-C ends all of it.', 90);
    return up;
  };
  const stop = async (signal: NodeJS.Signals = 'SIGINT'): Promise<number | undefined> => {
    current?.signal(signal);
    const code = await current?.done;
    current = undefined;
    return code;
  };
  const said = (up: Up, name: string) => new RegExp(`^  ${name} +(\\S+)`, 'm').exec(up.out())?.[1] ?? '';
  const facts = (up: Up) => ['Demo page', 'API key', 'JID', 'Password', 'Server', 'Port'].map((name) => said(up, name));
  const pids = async () => {
    const files = ['mariadb/mariadbd.pid', 'ejabberd/ejabberd.pid'].map((file) => join(root, file));
    return Promise.all(files.map(async (file) => Number((await readFile(file, 'utf8').catch(() => '0')).trim())));
  };
  const running = (list: number[]) => list.filter((pid) => pid > 1 && isProcess(pid, root));

  it('starts everything from nothing, and ends all of it with Ctrl-C', async () => {
    const up = await start('--port', String(await freePort()));
    expect(up.out()).to.match(
      /MariaDB runs \(\d[^]*ejabberd runs \(\d[^]*database brought up to date[^]*bridge runs \(\d/,
    );
    const base = said(up, 'Demo page').replace('/demo', '');
    expect(await (await fetch(`${base}/readyz`)).json()).to.include({ status: 'ready' });
    for (const path of ['/demo', '/docs', '/widget.js'])
      expect((await fetch(`${base}${path}`)).status, path).to.equal(200);
    const answer = await fetch(`${base}/api/v1/operators`, {
      headers: { authorization: `Bearer ${said(up, 'API key')}` },
    });
    expect(await answer.json()).to.have.nested.property('operators[0].jid', said(up, 'JID'));
    const servers = await pids();
    expect(running(servers)).to.have.lengthOf(2);
    expect(await stop()).to.equal(0);
    expect(running(servers)).to.deep.equal([]);
  });

  it('finds its data when it is started again: visitors, chats, passwords, key and ports', async () => {
    const first = await start('--port', String(await freePort()));
    const page = new Page(said(first, 'Demo page').replace('/demo', ''));
    await page.visit({ nick: 'Vera' });
    const chat = await page.startChat('Remember me');
    await stop('SIGTERM');
    const second = await start();
    expect(facts(second)).to.deep.equal(facts(first));
    expect((await page.messages(chat.id)).map(({ text }) => text)).to.deep.equal(['Remember me']);
  });

  it('lets its operator answer from the console, and from its configuration the doctor look at it', async () => {
    const up = await start('--port', String(await freePort()));
    const page = new Page(said(up, 'Demo page').replace('/demo', ''));
    await page.visit({ nick: 'Dora' });
    const chat = await page.startChat('Hello demo');
    const console = spawnFoyer(['operator-console', '--root', root]);
    await console.sees(/\[\d+\] Dora.*: Hello demo/, 30);
    // By number: a visitor of an earlier start waits too, and is heard before or after this one.
    console.type(`@${/\[(\d+)\] Dora.*: Hello demo/.exec(console.out())?.[1]} Hello Dora`);
    await page.untilMessages(chat.id, 'the answer', (messages) => messages.at(-1)?.text === 'Hello Dora');
    console.type('/quit');
    expect(await console.done).to.equal(0);
    const doctor = await cli(['doctor'], { env: { FOYER_CONFIG: join(root, 'foyer.yml') } });
    expect(doctor.code, doctor.out).to.equal(0);
  });

  it('keeps what it writes to its owner', async () => {
    await start('--port', String(await freePort()));
    expect((await stat(root)).mode & 0o077).to.equal(0);
    for (const name of await readdir(join(root, 'secrets')))
      expect((await stat(join(root, 'secrets', name))).mode & 0o077, name).to.equal(0);
    for (const name of ['foyer.yml', 'demo-operator.json', 'bridge.log'])
      expect((await stat(join(root, name))).mode & 0o077, name).to.equal(0);
    const log = await readFile(join(root, 'bridge.log'), 'utf8');
    for (const name of ['operator-anna', 'api-key', 'account-key', 'hooks']) {
      expect(log).to.not.include((await readFile(join(root, 'secrets', name), 'utf8')).trim());
    }
  });

  it('goes to the next port when the one it had is taken, says so, and stays there', async () => {
    const port = await freePort();
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const up = await start('--port', String(port));
    expect(up.out()).to.include(`port ${port} is taken, the bridge uses `);
    const base = said(up, 'Demo page');
    expect(base).to.not.include(`:${port}/`);
    await stop();
    await new Promise((resolve) => other.close(resolve));
    expect(said(await start(), 'Demo page')).to.equal(base);
  });

  it('refuses to run twice in one directory', async () => {
    await start('--port', String(await freePort()));
    const second = spawnFoyer(['up', '--root', root]);
    expect(await second.done).to.equal(69);
    expect(second.err()).to.match(/already runs in \S+ \(process \d+\)/);
  });

  it('ends what it had begun when it is interrupted on its way up', async () => {
    const up = begin('--port', String(await freePort()));
    await up.sees(/MariaDB|ejabberd/, 60);
    expect(await stop()).to.equal(0);
    expect(up.err()).to.equal('');
    expect(running(await pids())).to.deep.equal([]);
  });

  it('says so and ends when one of its servers dies', async () => {
    const up = await start('--port', String(await freePort()));
    const [mariadb = 0, ejabberd = 0] = await pids();
    process.kill(ejabberd, 'SIGKILL');
    expect(await up.done).to.equal(69);
    expect(up.err()).to.match(/ejabberd ended with signal SIGKILL; its log is \S+\. Foyer ends/);
    expect(running([mariadb])).to.deep.equal([]);
  });

  it('starts again after it was killed itself', async () => {
    const first = await start('--port', String(await freePort()));
    const servers = await pids();
    await stop('SIGKILL');
    const second = await start();
    expect(facts(second)).to.deep.equal(facts(first));
    expect(running(servers)).to.deep.equal([]);
  });

  it('ends at once with the second Ctrl-C, and leaves no server behind', async () => {
    const up = await start('--port', String(await freePort()));
    const servers = await pids();
    up.signal('SIGINT');
    await up.sees('Ends everything');
    up.signal('SIGINT');
    expect(await stop()).to.be.oneOf([130, 0]);
    await until(() => running(servers).length === 0, 'the servers to end', 40);
  });

  it('leaves a demo operator removed that somebody has removed', async () => {
    await start('--port', String(await freePort()));
    const config = { FOYER_CONFIG: join(root, 'foyer.yml') };
    expect((await cli(['operator', 'remove', 'anna'], { env: config })).code).to.equal(0);
    await stop();
    const up = await start();
    expect(up.out()).to.include('The demo operator was removed.');
    expect((await cli(['operator', 'set', 'anna', '--enable'], { env: config })).code).to.equal(0);
    expect(existsSync(join(root, 'demo-operator.json'))).to.equal(false);
  });

  it('refuses a port that is none', async () => {
    const { code, err } = await cli(['up', '--port', 'http', '--root', root]);
    expect(code).to.equal(64);
    expect(err).to.include('--port');
  });
});
