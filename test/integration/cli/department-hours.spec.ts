import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

describe('foyer department hours', () => {
  let database: CliDatabase;
  let directory: string;

  before(async function () {
    this.timeout(60_000);
    database = await cliDatabase();
    directory = await mkdtemp(join(tmpdir(), 'foyer-hours-'));
    for (const line of ['migrate', 'instance add main', 'department add Support'])
      await database.works(...line.split(' '));
  });
  after(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function file(text: string): Promise<string> {
    const path = join(directory, 'hours.yml');
    await writeFile(path, text);
    return path;
  }

  it('sets them from a file and shows them', async () => {
    const path = await file(`time_zone: Europe/Berlin
week:
  mon: ["09:00-12:00", "13:00-17:30"]
  fri: ["22:00-02:00"]
exceptions:
  - {date: 2026-12-25, name: Christmas}
`);
    expect(await database.works('department', 'hours', 'Support')).to.equal('Support takes chats at any time.\n');
    await database.works('department', 'hours', 'Support', '--set', path);
    const shown = await database.works('department', 'hours', 'Support', '--show');
    expect(shown).to.match(/^Support is (open|closed) until \d{4}-\d\d-\d\dT\d\d:\d\dZ\.\nHours in Europe\/Berlin:\n/);
    expect(shown).to.include('  mon  09:00-12:00, 13:00-17:30\n  tue  closed\n');
    expect(shown).to.include('  2026-12-25  closed (Christmas)\n');
    const json = await database.json<{ week: Record<string, string[]> }>('department', 'hours', 'Support');
    expect(json.week['fri']).to.deep.equal(['22:00-02:00']);
  });

  it('says everything that is wrong with a file, and keeps what was', async () => {
    const path = await file(`time_zone: Berlin
week: {mon: ["9 to 5"], tues: []}
exceptions: [{date: 2026-02-29}]
`);
    const why = await database.refused('department', 'hours', 'Support', '--set', path);
    for (const fault of [
      /time_zone: must be a time zone/,
      /week\.mon\.0: must be written/,
      /tues/,
      /exceptions\.0\.date: /,
    ])
      expect(why).to.match(fault);
    expect(await database.works('department', 'hours', 'Support')).to.include('13:00-17:30');
    expect(await database.refused('department', 'hours', 'Support', '--set', '/nonexistent.yml')).to.include('ENOENT');
    expect(await database.refused('department', 'hours', 'Sales')).to.include('there are: Support');
    expect(await database.refused('department', 'hours', 'Support', '--set', path, '--remove')).to.include('together');
  });

  it('removes them', async () => {
    expect(await database.works('department', 'hours', 'Support', '--remove')).to.include('at any time');
    expect(await database.json('department', 'hours', 'Support')).to.equal(null);
  });
});
