import { expect } from 'chai';
import { createCredentials } from '../../../bridge/storage/credentials.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { rows } from '../../../bridge/storage/pool.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('commands for hosting', () => {
  let db: CliDatabase;

  before(async function () {
    this.timeout(60_000);
    db = await cliDatabase();
    db.env['FOYER_EJABBERD_HOSTS'] = 'second.example.org';
    await db.works('migrate');
  });
  after(() => db.close());

  const keyIn = (text: string) => /foyer_\S+/.exec(text)?.[0] ?? '';
  const credential = (key: string) => createCredentials(db.core.pool, systemClock).apiKey(key);

  it('make a key that belongs to no instance, once there is one', async () => {
    expect(await db.refused('key', 'add', '--hosting')).to.include('foyer instance add main');
    await db.works('instance', 'add', 'main');
    const made = await credential(keyIn(await db.works('key', 'add', '--hosting')));
    expect(made).to.deep.include({ instanceId: 0, suspended: false });
    expect([...(made?.scopes ?? [])]).to.deep.equal(['hosting']);
    expect(await db.refused('key', 'add', '--hosting', '--scopes', 'chats')).to.include('--scopes');
    expect(await db.refused('key', 'add', '--scopes', 'hosting')).to.include('--scopes');
    expect(await db.refused('key', 'add', '--hosting', '--instance', 'main')).to.include('--instance');
    const [listed] = await db.json<{ id: number; scopes: string[] }[]>('key', 'list', '--hosting');
    expect(listed?.scopes).to.deep.equal(['hosting']);
    expect(await db.json('key', 'list')).to.deep.equal([]);
    await db.works('key', 'revoke', String(listed?.id), '--hosting');
  });

  it('make an instance on one of the hosts, with limits, key and callbacks', async () => {
    expect(await db.refused('instance', 'add', 'shop', '--host', 'elsewhere.org')).to.include('second.example.org');
    const said = await db.works(
      ...['instance', 'add', 'shop', '--host', 'second.example.org', '--with-key', '--max-operators', '2'],
      ...['--callback', 'https://{instance}.example.org/foyer', '--retention-days', '30', '--language', 'fr'],
    );
    expect(said)
      .to.include('Callbacks go to https://shop.example.org/foyer')
      .and.match(/whsec_\S+/);
    expect(await credential(keyIn(said))).to.deep.include({ suspended: false });
    await db.works(
      'instance',
      'set',
      'shop',
      '--max-operators',
      'none',
      '--max-open-chats',
      '7',
      '--title',
      'The shop',
    );
    const [row] = await rows(db.core.pool, "SELECT * FROM instances WHERE name = 'shop'");
    expect(row).to.deep.include({ max_operators: null, max_open_chats: 7, retention_days: 30, language: 'fr' });
    expect(await db.refused('instance', 'set', 'shop', '--max-open-chats', 'many')).to.include('--max-open-chats');
    expect(await db.refused('instance', 'set', 'nobody', '--title', 'x')).to.include('nobody');
    const list = await db.json<Record<string, unknown>[]>('instance', 'list');
    expect(list.map(({ name, host, state }) => [name, host, state])).to.deep.equal([
      ['main', 'example.org', 'active'],
      ['shop', 'second.example.org', 'active'],
    ]);
    const services = await rows(db.core.pool, "SELECT host FROM accounts WHERE kind = 'service' ORDER BY host");
    expect(services.map(({ host }) => host as string)).to.deep.equal(['example.org', 'second.example.org']);
  });

  it('make the secret by which its site says who its visitors are, beside the one before or alone', async () => {
    const secrets = () =>
      db.core.transactions.alone(async (tx) =>
        tx.instances.identitySecrets((await tx.instances.byName('shop'))?.id ?? 0),
      );
    const made = async (...options: string[]) =>
      /again\): (\S{43})$/m.exec(await db.works('instance', 'identity', 'shop', ...options))?.[1] ?? '';
    const first = await made();
    const second = await made('--rotate');
    expect(await secrets()).to.deep.equal([second, first]);
    const third = await made();
    expect(await secrets()).to.deep.equal([third]);
    await db.works('instance', 'identity', 'shop', '--off');
    expect(await secrets()).to.deep.equal([]);
  });

  it('export it, line by line, without what only it may know', async () => {
    const lines = (await db.works('instance', 'export', 'shop')).trimEnd().split('\n');
    expect(lines.length).to.be.greaterThan(2);
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).to.deep.include(['end', 'rows']);
    expect(lines.join()).not.to.match(/whsec_|_box|_hash/);
  });

  it('suspend, resume and destroy it', async () => {
    expect(await db.refused('instance', 'destroy', 'shop', 'shop')).to.include('suspended');
    await db.works('instance', 'suspend', 'shop');
    expect(await db.refused('operator', 'add', 'anna', '--instance', 'shop')).to.include('suspended');
    await db.works('instance', 'resume', 'shop');
    await db.works('instance', 'suspend', 'shop');
    expect(await db.refused('instance', 'destroy', 'shop', 'shob')).to.include('once more');
    expect(await db.refused('instance', 'destroy', 'main', 'main')).to.include('stays');
    await db.works('instance', 'destroy', 'shop', 'shop');
    expect(await db.refused('instance', 'resume', 'shop')).to.include('destroyed');
    await db.works('jobs', 'run', 'hosting');
    expect(await db.refused('instance', 'resume', 'shop')).to.include('no instance');
    expect(await db.refused('instance', 'add', 'shop')).to.include('was an instance');
    expect(await db.refused('operator', 'list', '--instance', 'shop')).to.include('no instance');
  });
});
