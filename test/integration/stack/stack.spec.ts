import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readdir, readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockHeldError, takeLock } from '../../../bridge/stack/lock.js';
import { startStack } from '../../../bridge/stack/stack.js';
import { MODULE_CACHE } from '../../support/stack.js';

describe('the private stack', function () {
  this.timeout(90_000);
  let root: string;
  const hooksUrl = 'http://127.0.0.1:9/hooks/ejabberd';
  const moduleCache = MODULE_CACHE; // compiling is not what these are about

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'foyer-spec-stack-'));
  });
  afterEach(async () => rm(root, { recursive: true, force: true }));

  it('finds ports, passwords and data of the last start again, and refuses a second one beside it', async () => {
    const first = await startStack({ root, hooksUrl, moduleCache });
    const found = (stack: typeof first) => ({
      database: stack.database,
      hooksSecrets: stack.hooksSecrets,
      apiPassword: stack.ejabberd.apiPassword,
      ports: [stack.mariadb.port, stack.ejabberd.c2sPort, stack.ejabberd.httpPort],
    });
    try {
      const refused = await startStack({ root, hooksUrl, moduleCache }).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Error).with.property('message').that.contains(`process ${process.pid}`);
    } finally {
      await first.stop();
    }
    const again = await startStack({ root, hooksUrl, moduleCache });
    try {
      expect(found(again)).to.deep.equal(found(first));
    } finally {
      await again.stop();
    }
  });

  it('says which server ended when one does that nobody stopped', async () => {
    const stack = await startStack({ root, hooksUrl, moduleCache });
    try {
      await stack.mariadb.kill();
      expect(await stack.failed).to.contain('MariaDB ended with signal SIGKILL');
    } finally {
      await stack.stop();
    }
  });

  it('ends all it began, and gives the directory free, when a start is interrupted', async () => {
    const interrupt = new AbortController();
    const reason = new Error('interrupted');
    const start = startStack({
      root,
      hooksUrl,
      moduleCache,
      signal: interrupt.signal,
      onProgress: () => interrupt.abort(reason),
    });
    expect(await start.catch((error: unknown) => error)).to.equal(reason);
    expect(await serversIn(root)).to.deep.equal([]);
    await (
      await takeLock(join(root, 'lock'))
    )();
  });

  it('leaves no server behind when the process that started it is killed', async () => {
    const script = `
      import { startStack } from ${JSON.stringify(new URL('../../../bridge/stack/stack.ts', import.meta.url).href)};
      await startStack({ root: process.argv[1], hooksUrl: ${JSON.stringify(hooksUrl)} });
      process.stdout.write('up');
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(await serversIn(root)).to.have.length(2);
    child.kill('SIGKILL');
    await ended;
    while ((await serversIn(root)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const again = await startStack({ root, hooksUrl, moduleCache });
    await again.stop();
  });
});

describe('the lock of a directory', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'foyer-spec-lock-'));
  });
  afterEach(async () => rm(dir, { recursive: true, force: true }));

  it('is held by one until it is given back', async () => {
    const unlock = await takeLock(dir);
    expect(await takeLock(dir).catch((error: unknown) => error))
      .to.be.instanceOf(LockHeldError)
      .with.property('pid', process.pid);
    await unlock();
    await (
      await takeLock(dir)
    )();
    expect(await readdir(dir)).to.deep.equal([]);
  });

  it('is taken over from a dead process, also from one whose number has been given to another', async () => {
    for (const dead of ['4194303.1.aa', `${process.pid}.1.bb`, 'nonsense']) await writeFile(join(dir, dead), '');
    await (
      await takeLock(dir)
    )();
    expect(await readdir(dir)).to.deep.equal([]);
  });

  it('goes to exactly one of many that take it over at once', async () => {
    await writeFile(join(dir, '4194303.1.aa'), '');
    const results = await Promise.allSettled(Array.from({ length: 20 }, async () => takeLock(dir)));
    expect(results.filter((result) => result.status === 'fulfilled')).to.have.length(1);
  });
});

/** Servers (their command lines) that have the directory in their arguments. */
async function serversIn(root: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(pids.map(async (pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(root) && /mariadbd|beam/.test(line.split('\0')[0] ?? ''));
}
