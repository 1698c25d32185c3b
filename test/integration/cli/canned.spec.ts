import { expect } from 'chai';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('foyer canned', () => {
  let database: CliDatabase;

  before(async function () {
    this.timeout(60_000);
    database = await cliDatabase();
    for (const line of ['migrate', 'instance add main', 'department add Support'])
      await database.works(...line.split(' '));
  });
  after(() => database.close());

  const list = () => database.json<Record<string, unknown>[]>('canned', 'list');

  it('sets, lists and removes replies, with their languages', async () => {
    expect(await database.works('canned', 'list')).to.contain('No canned reply yet');
    await database.works('canned', 'set', 'Hello', '--text', 'Hello {nick}');
    await database.works('canned', 'set', 'hello', '--text', 'Hallo {nick}', '--language', 'de');
    await database.works('canned', 'set', 'hello', '--text', 'Support greets', '--department', 'Support');
    expect(await list()).to.deep.equal([
      { name: 'hello', department: null, languages: ['de'], text: 'Hello {nick}' },
      { name: 'hello', department: 'Support', languages: [], text: 'Support greets' },
    ]);
    await database.works('canned', 'set', 'hello', '--text', 'Good day');
    await database.works('canned', 'set', 'hello', '--text', '', '--language', 'de');
    await database.works('canned', 'remove', 'hello', '--department', 'Support');
    expect(await list()).to.deep.equal([{ name: 'hello', department: null, languages: [], text: 'Good day' }]);
  });

  it('says what is wrong, and changes nothing', async () => {
    const before = await list();
    expect(await database.refused('canned', 'set', '42', '--text', 'x')).to.contain('must be a letter');
    expect(await database.refused('canned', 'set', 'bye', '--text', 'Bye {nik}')).to.contain('There is no {nik}');
    expect(await database.refused('canned', 'set', 'bye')).to.contain('--text is missing');
    expect(await database.refused('canned', 'set', 'bye', '--text', 'x', '--language', 'de')).to.contain('first');
    expect(await database.refused('canned', 'remove', 'bye')).to.contain('no canned reply “bye”');
    expect(await list()).to.deep.equal(before);
  });
});
