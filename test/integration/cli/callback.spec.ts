import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';
import { foyer } from '../../support/cli.js';

describe('callback commands', () => {
  let db: CliDatabase;
  let helpdesk: Server;
  let url: string;
  let answer = 200;
  let signatures: string[] = [];
  const paths: string[] = [];
  before(async function () {
    this.timeout(60_000);
    db = await cliDatabase();
    await db.works('migrate');
    await db.works('instance', 'add', 'main');
    helpdesk = createServer((request, response) => {
      paths.push(String(request.url));
      signatures.push(String(request.headers['webhook-signature']));
      request.resume().on('end', () => response.writeHead(answer).end());
    });
    await new Promise<void>((resolve) => helpdesk.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(helpdesk.address() as AddressInfo).port}/callback`;
  });
  after(async () => {
    await db.close();
    helpdesk.closeAllConnections();
    helpdesk.close();
  });

  it('go where they are set to, and the secret is shown once', async () => {
    expect((await db.cli('callback', 'test')).code).to.equal(1);
    expect(await db.works('callback', 'set', url)).to.match(/not shown again\): whsec_/);
    expect(await db.works('callback', 'set', url)).to.not.include('whsec_');
    expect(await db.works('callback', 'test')).to.match(/^The helpdesk took it/);
    expect(signatures.at(-1)?.split(' ')).to.have.lengthOf(1);
  });

  it('carry two signatures while the secret is changed over', async () => {
    signatures = [];
    const next = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    const set = await foyer(['callback', 'set', url, '--rotate', '--secret-stdin'], { env: db.env, input: next });
    expect(set.code).to.equal(0);
    expect(set.out).to.not.include('whsec_');
    await db.works('callback', 'test');
    expect(signatures[0]?.split(' ')).to.have.lengthOf(2);
    expect((await foyer(['callback', 'set', url, '--secret-stdin'], { env: db.env, input: 'hunter2' })).code).to.equal(
      64,
    );
  });

  it('take an address with a query from standard input alone, and don’t show its values', async () => {
    const address = `${url}?token=geheim`;
    const argument = await db.cli('callback', 'set', address);
    expect([argument.code, argument.err]).to.deep.include(64);
    expect(argument.err).to.contain('standard input').and.not.contain('geheim');
    const secret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    const input = `${address}\n${secret}`;
    const set = await foyer(['callback', 'set', '-', '--secret-stdin'], { env: db.env, input });
    expect([set.code, set.err]).to.deep.equal([0, '']);
    expect(set.out).to.contain(`Callbacks go to ${url}?token=…`).and.not.contain('geheim');
    expect(await db.works('callback', 'test')).to.match(/^The helpdesk took it/);
    expect(paths.at(-1)).to.equal('/callback?token=geheim');
    expect(await db.works('instance', 'list'))
      .to.contain('token=…')
      .and.not.contain('geheim');
    expect((await foyer(['callback', 'set', '-', '--secret-stdin'], { env: db.env, input: address })).code).to.equal(
      64,
    );
  });

  it('say what came of a test that failed', async () => {
    answer = 500;
    const { code, out } = await db.cli('callback', 'test');
    expect(code).to.equal(1);
    expect(out).to.equal('Not delivered: HTTP 500\n');
  });

  it('end when they are removed', async () => {
    await db.works('callback', 'remove');
    expect((await db.cli('callback', 'test')).out).to.include('no callback address');
  });
});
