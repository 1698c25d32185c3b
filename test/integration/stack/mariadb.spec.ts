import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { startMariadb, type Mariadb } from '../../../bridge/stack/mariadb.js';
import { freePort } from '../../../bridge/stack/ports.js';

describe('the private MariaDB', () => {
  let dir: string;
  const servers: Mariadb[] = [];
  const start = async (port?: number, said: string[] = []) => {
    const options = { dir, bufferPool: '64M', onProgress: (text: string) => void said.push(text) };
    const server = await startMariadb({ ...options, ...(port === undefined ? {} : { port }) });
    servers.push(server);
    return server;
  };
  const query = async (server: Mariadb, access: { user: string; password: string; database?: string }, sql: string) => {
    const connection = await mysql.createConnection({ host: server.host, port: server.port, ...access });
    try {
      return (await connection.query<mysql.RowDataPacket[]>(sql))[0];
    } finally {
      connection.destroy();
    }
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'foyer-spec-mariadb-'));
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(async (server) => server.stop()));
    await rm(dir, { recursive: true, force: true });
  });

  it('keeps data, port and password when it is started again in the same directory', async () => {
    const first = await start(await freePort());
    const access = await first.createDatabase('foyer');
    await query(first, access, 'CREATE TABLE kept (word VARCHAR(20))');
    await query(first, access, "INSERT INTO kept VALUES ('grüße 🌍')");
    await first.stop();
    const second = await start();
    expect(second.port).to.equal(first.port);
    expect(await second.createDatabase('foyer')).to.deep.equal(access);
    expect(await query(second, access, 'SELECT word FROM kept')).to.deep.equal([{ word: 'grüße 🌍' }]);
  });

  it('keeps what was committed when it is killed, and starts again', async () => {
    const server = await start(await freePort());
    const access = await server.createDatabase('foyer');
    await query(server, access, 'CREATE TABLE kept (n INT)');
    await query(server, access, 'INSERT INTO kept VALUES (1), (2)');
    await server.kill();
    expect(await server.ended).to.equal('signal SIGKILL');
    await server.restart();
    expect(await query(server, access, 'SELECT COUNT(*) AS n FROM kept')).to.deep.equal([{ n: 2 }]);
  });

  it('ends the server that a killed run left behind instead of fighting it over the data', async () => {
    const left = await start(await freePort());
    const said: string[] = [];
    const again = await start(undefined, said);
    expect(await left.ended).to.match(/code 0|SIGTERM/);
    expect(said.join()).to.contain('left behind');
    expect(again.pid).to.not.equal(left.pid);
  });

  it('leaves a stranger alone that has the number of a server of an earlier run', async () => {
    await writeFile(join(dir, 'mariadbd.pid'), `${process.pid}\n`);
    const server = await start(await freePort());
    expect(await query(server, await server.createDatabase('foyer'), 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('makes its data directory anew when the first start was interrupted half-way', async () => {
    await mkdir(join(dir, 'data.half'));
    await writeFile(join(dir, 'data.half', 'ibdata1'), 'half');
    const server = await start(await freePort());
    expect(await query(server, await server.createDatabase('foyer'), 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('takes another port and says so when the wished one is taken', async () => {
    const squatter = await listening();
    const taken = portOf(squatter);
    try {
      const said: string[] = [];
      const server = await start(taken, said);
      expect(server.port).to.not.equal(taken);
      expect(said.join()).to.contain(`port ${taken} is taken`).and.to.contain(String(server.port));
    } finally {
      squatter.close();
    }
  });

  it('lets a database user at its own database only, and nobody without a password', async () => {
    const server = await start(await freePort());
    const one = await server.createDatabase('one_a');
    await server.createDatabase('onexa');
    expect(await refusal(query(server, { ...one, database: 'onexa' }, 'SELECT 1'))).to.equal(
      'ER_DBACCESS_DENIED_ERROR',
    );
    expect(await refusal(query(server, { user: 'root', password: '' }, 'SELECT 1'))).to.equal('ER_ACCESS_DENIED_ERROR');
    expect(await refusal(query(server, { user: '', password: '' }, 'SELECT 1'))).to.equal('ER_ACCESS_DENIED_ERROR');
    await server.dropDatabase('one_a');
    expect(await refusal(query(server, one, 'SELECT 1'))).to.equal('ER_ACCESS_DENIED_ERROR');
  });

  it('syncs at each commit, speaks utf8mb4 and UTC, and listens on loopback only', async () => {
    const server = await start(await freePort());
    const sql = `SELECT @@innodb_flush_log_at_trx_commit AS flush, @@character_set_server AS charset,
      @@time_zone AS zone, @@bind_address AS address, @@log_bin AS bin, @@max_connections AS connections`;
    expect(await query(server, { user: server.rootUser, password: server.rootPassword }, sql)).to.deep.equal([
      { flush: 1, charset: 'utf8mb4', zone: '+00:00', address: '127.0.0.1', bin: 0, connections: 200 },
    ]);
  });

  it('keeps its password out of the process list and out of other eyes', async () => {
    const server = await start(await freePort());
    const [args, env] = await Promise.all(
      ['cmdline', 'environ'].map(async (of) => readFile(`/proc/${server.pid}/${of}`, 'utf8')),
    );
    expect(`${args} ${env}`).to.not.contain(server.rootPassword);
    for (const file of ['root-password', 'init.sql', 'my.cnf']) {
      expect((await stat(join(dir, file))).mode & 0o777, file).to.equal(0o600);
    }
    expect((await stat(join(dir, 'data'))).mode & 0o077).to.equal(0);
  });

  it('says what its log says when it can not start', async () => {
    const server = await start(await freePort());
    await server.stop();
    await writeFile(join(dir, 'data', 'ibdata1'), 'not InnoDB');
    const error = await start().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property('message').that.contains(join(dir, 'mariadb.log'));
  });
});

async function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'allowed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
