import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

const RULES = `rules:
  - {name: German, when: {languages: [de]}, department: Support}
  - {name: Prices, when: {page: /pricing*, metadata: {plan: gold}}, department: Sales}
`;

describe('foyer routing', () => {
  let database: CliDatabase;
  let directory: string;

  before(async function () {
    this.timeout(60_000);
    database = await cliDatabase();
    directory = await mkdtemp(join(tmpdir(), 'foyer-routing-'));
    for (const line of [
      ...['migrate', 'instance add main', 'department add Support', 'department add Sales', 'department add Rest'],
      'desk add shop --department Rest',
    ])
      await database.works(...line.split(' '));
  });
  after(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function file(text: string): Promise<string> {
    const path = join(directory, 'rules.yml');
    await writeFile(path, text);
    return path;
  }
  const names = async () => (await database.json<{ name: string }[]>('routing', 'list')).map(({ name }) => name);

  it('tries rules before they are set, sets them, and says why a visitor would land where', async () => {
    const path = await file(RULES);
    const gold = ['--page', 'https://shop.example/pricing/gold?x', '--metadata', 'plan=gold'];
    expect(await database.works('routing', 'set', path, '--dry-run')).to.equal('The 2 rules can be used.\n');
    expect(await names()).to.deep.equal([]);
    expect(await database.works('routing', 'explain', 'shop', ...gold)).to.contain('Rest answers (no rule holds');
    expect(await database.works('routing', 'explain', 'shop', ...gold, '--rules', path)).to.contain(
      'Sales answers (by the rule Prices)',
    );
    expect(await names()).to.deep.equal([]);
    await database.works('routing', 'set', path);
    expect(await names()).to.deep.equal(['German', 'Prices']);
    const said = await database.works('routing', 'explain', 'shop', '--language', 'en', ...gold);
    expect(said).to.contain('fails  German\n       no  language: wants de, is en\nholds  Prices\n');
    const { department, rule } = await database.json<{ department: { name: string }; rule: string }>(
      ...['routing', 'explain', 'shop', '--language', 'de-AT'],
      ...gold,
    );
    expect([department.name, rule]).to.deep.equal(['Support', 'German']);
    await database.works('routing', 'remove', 'German');
    expect(await names()).to.deep.equal(['Prices']);
    expect(await database.works('routing', 'list')).to.match(/Prices +\{"page":"\/pricing\*".* +Sales/);
  });

  it('changes nothing when something is wrong, and says what', async () => {
    await database.works('routing', 'set', await file(RULES));
    expect(await database.refused('routing', 'set', await file(RULES.replace('Sales', 'Nobody')))).to.contain(
      'there is no department “Nobody”',
    );
    expect(await database.refused('routing', 'set', await file(RULES.replace('page:', 'side:')))).to.contain(
      'rules.1.when',
    );
    expect(await database.refused('routing', 'set', join(directory, 'none.yml'))).to.contain('ENOENT');
    expect(await database.refused('routing', 'remove', 'Nothing')).to.contain('there is no rule “Nothing”');
    expect(await database.refused('routing', 'explain', 'nowhere')).to.contain('no such desk');
    expect(await database.refused('routing', 'explain', 'shop', '--metadata', 'gold')).to.contain('KEY=VALUE');
    expect(await names()).to.deep.equal(['German', 'Prices']);
  });
});
