import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('foyer desk: questions, rules and greetings', () => {
  let database: CliDatabase;
  let directory: string;

  before(async function () {
    this.timeout(60_000);
    database = await cliDatabase();
    directory = await mkdtemp(join(tmpdir(), 'foyer-desk-'));
    for (const line of ['migrate', 'instance add main', 'department add Support', 'desk add main --department Support'])
      await database.works(...line.split(' '));
  });
  after(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function file(text: string): Promise<string> {
    const path = join(directory, 'desk.yml');
    await writeFile(path, text);
    return path;
  }
  const shown = async () => parse(await database.works('desk', 'show', 'main')) as Record<string, unknown>;

  it('are taken from files as the help has them, and shown as they could be given again', async () => {
    const help = await database.works('help', 'desk', 'set');
    expect(help).to.include('kind: consent');
    const questions = await file('- {key: terms, kind: consent, label: You may keep what I write, required: true}\n');
    await database.works('desk', 'set', 'main', '--questions', questions);
    const rules = await file('- {when: {page: /shop*, languages: [de]}, show: true}\n- {show: false}\n');
    await database.works('desk', 'set', 'main', '--show-rules', rules, '--languages', 'de, en', '--wait', 'Soon');
    const greetings = await file('[{name: prices, when: {page: /pricing*}, after_seconds: 20, text: Any question?}]');
    await database.works('desk', 'set', 'main', '--greetings', greetings);
    await database.works('desk', 'set', 'main', '--translations', await file('de: {wait: Gleich}\n'));
    const desk = await shown();
    expect(desk).to.deep.include({ languages: ['de', 'en'], texts: { wait: 'Soon' } });
    expect(desk).to.deep.include({ translations: { de: { wait: 'Gleich' } } });
    expect(desk['show_rules']).to.deep.equal([
      ...[
        { when: { languages: ['de'], page: '/shop*' }, show: true },
        { when: {}, show: false },
      ],
    ]);
    expect(desk['greetings']).to.have.length(1);
    const again = await file(JSON.stringify(desk['questions']));
    await database.works('desk', 'set', 'main', '--questions', again, '--languages', '');
    expect(await shown()).to.deep.equal({ ...desk, languages: [] });
  });

  it('are refused with the line of each fault, and nothing is changed', async () => {
    const before = await shown();
    const fails = async (text: string) => database.refused('desk', 'set', 'main', '--questions', await file(text));
    expect(await fails('- {key: A b, kind: choice, label: ""}')).to.match(
      /desk\.yml can’t be used:\n {2}0\.key: must be a lower case name.*\n {2}0\.label: must not be empty/,
    );
    expect(await fails('- [')).to.include('desk.yml');
    expect(await fails('[{key: t, kind: topic, label: T, choices: [{value: a, department: 99}]}]')).to.include(
      'There is no department 99.',
    );
    expect(await database.refused('desk', 'set', 'main', '--languages', 'de,xx')).to.include('--languages');
    expect(await database.refused('desk', 'set', 'main', '--questions', 'nowhere.yml')).to.include('nowhere.yml');
    expect(await shown()).to.deep.equal(before);
  });
});
