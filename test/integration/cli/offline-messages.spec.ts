import { expect } from 'chai';
import { run } from '../../../bridge/storage/pool.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('foyer offline-messages', () => {
  let database: CliDatabase;

  before(async function () {
    this.timeout(60_000);
    database = await cliDatabase();
    for (const line of [
      ...['migrate', 'instance add main', 'instance add other', 'department add Support', 'department add Sales'],
      'desk add shop --department Support',
    ])
      await database.works(...line.split(' '));
    await run(database.core.pool, 'INSERT INTO visitors (id, instance_id, created_at) VALUES (1, 1, NOW(3))');
    await run(
      database.core.pool,
      `INSERT INTO offline_messages (id, instance_id, visitor_id, desk_id, department_id, name, email, text, client_id, created_at) VALUES
         (1, 1, 1, 1, 1, 'Vera', 'vera@example.org', '=1+1, "quoted"', 'a', '2026-11-25 08:00:00'),
         (2, 1, 1, 1, 2, 'Wim\\nX', 'wim@example.org', 'Second\\n\\Zline', 'b', '2026-11-25 09:00:00')`,
    );
  });
  after(() => database.close());

  const ids = async (...more: string[]) =>
    (await database.json<{ id: number }[]>('offline-messages', 'list', ...more)).map(({ id }) => id);

  it('lists what nobody has answered, shows one, and marks it as done', async () => {
    expect(await ids()).to.deep.equal([2, 1]);
    expect(await ids('--department', 'Sales')).to.deep.equal([2]);
    expect(await ids('--limit', '1')).to.deep.equal([2]);
    const shown = await database.works('offline-messages', 'show', '2');
    expect(shown)
      .to.contain('from: Wim X <wim@example.org>')
      .and.to.match(/\n\nSecond\n line\n$/);
    await database.works('offline-messages', 'done', '2');
    expect(await ids()).to.deep.equal([1]);
    expect(await ids('--all')).to.deep.equal([2, 1]);
    await database.works('offline-messages', 'done', '2', '--not');
    expect(await ids()).to.deep.equal([2, 1]);
  });

  it('exports them as a table and as JSON', async () => {
    const csv = await database.works('offline-messages', 'export', '--department', 'Support');
    expect(csv.split('\r\n')).to.deep.equal([
      'id,left,desk,department,name,email,page,language,done,text',
      `1,2026-11-25T08:00:00.000Z,shop,Support,Vera,vera@example.org,,,,"'=1+1, ""quoted"""`,
      '',
    ]);
    const lines = (await database.works('offline-messages', 'export', '--format', 'json')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).to.deep.equal([2, 1]);
  });

  it('knows only those of the instance', async () => {
    expect(await ids('--instance', 'other')).to.deep.equal([]);
    for (const word of ['show', 'done'])
      expect(await database.refused('offline-messages', word, '1', '--instance', 'other')).to.contain('no');
    expect(await database.refused('offline-messages', 'export', '--format', 'xml')).to.contain('csv or json');
  });
});
