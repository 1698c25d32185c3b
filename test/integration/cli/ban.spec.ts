import { expect } from 'chai';
import { rows } from '../../../bridge/storage/pool.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('foyer ban', () => {
  let database: CliDatabase;

  before(async function () {
    this.timeout(60_000);
    database = await cliDatabase();
    for (const line of ['migrate', 'instance add main', 'department add Support', 'desk add main --department Support'])
      await database.works(...line.split(' '));
  });
  after(() => database.close());

  const list = () => database.json<Record<string, unknown>[]>('ban', 'list');

  it('adds, lists and removes bans', async () => {
    expect(await database.works('ban', 'list')).to.equal('Nobody is banned.\n');
    await database.works('ban', 'add', '--network', '203.0.113.9/24', '--for', '7d', '--reason', 'a botnet');
    await database.works('ban', 'add', '--external-id', 'troll', '--desk', 'main');
    const [troll, network] = await list();
    expect(troll).to.include({ visitor: 1, network: null, desk: 'main', until: null, by: 'cli' });
    expect(network).to.include({ visitor: null, network: '203.0.113.0/24', desk: null, reason: 'a botnet' });
    await database.works('ban', 'remove', String(network?.['id']));
    expect(await list()).to.deep.equal([troll]);
    const audit = await rows(database.core.pool, "SELECT action FROM audit WHERE action LIKE 'ban.%' ORDER BY id");
    expect(audit.map(({ action }) => action as string)).to.deep.equal(['ban.create', 'ban.create', 'ban.lift']);
  });

  it('says what is wrong, and changes nothing', async () => {
    const before = await list();
    expect(await database.refused('ban', 'add')).to.contain('name one of');
    expect(await database.refused('ban', 'add', '--visitor', '1', '--network', '10.0.0.1')).to.contain('name one of');
    expect(await database.refused('ban', 'add', '--visitor', '99')).to.contain('no visitor 99');
    expect(await database.refused('ban', 'add', '--visitor', '1', '--for', 'long')).to.contain('--for: must be');
    expect(await database.refused('ban', 'add', '--network', '0.0.0.0/0')).to.contain('--network: must be');
    expect(await database.refused('ban', 'add', '--visitor', '1', '--desk', 'x')).to.contain('no desk “x”');
    expect(await database.refused('ban', 'remove', '99')).to.contain('no such ban');
    expect(await list()).to.deep.equal(before);
  });
});
