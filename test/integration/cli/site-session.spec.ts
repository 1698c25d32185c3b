import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cliDatabase } from '../../support/cli-database.js';
import { djangoSite } from '../../support/django-site.js';

describe('foyer instance session', () => {
  it('tries out what it is given, keeps it and shows no password', async function () {
    this.timeout(60_000);
    const db = await cliDatabase();
    const site = await djangoSite();
    const directory = await mkdtemp(join(tmpdir(), 'foyer-session-'));
    const file = join(directory, 'session.yml');
    const set = async (text: string) => {
      await writeFile(file, text);
      return ['instance', 'session', 'main', '--set', file];
    };
    try {
      await db.works('migrate');
      await db.works('instance', 'add', 'main');
      const address = `database: ${site.readerUrl}`;
      for (const [text, fault] of [
        [`cookie: s\n${address}`, 'query'],
        [`cookie: s\n${address}\nquery: DELETE FROM auth_user WHERE id = ?`, 'SELECT'],
        [`cookie: s\n${address}\nquery: SELECT id FROM auth_user`, '?'],
        [`cookie: s\n${address}\nquery: SELECT id FROM nothing WHERE id = ?`, 'nothing'],
        [`cookie: s\n${address.replace(/:[^:@]+@/, ':wrong@')}\ndjango: {}`, 'reader'],
        ['cookie: s\ndatabase: postgres://a:b@c/d\ndjango: {}', 'mysql://'],
      ] as const) {
        const said = await db.refused(...(await set(text)));
        expect(said).to.contain(fault);
        expect(said).not.to.contain(new URL(site.readerUrl).password);
      }
      expect(await db.works('instance', 'session', 'main')).to.contain('aren’t read');
      await db.works(...(await set(`cookie: sessionid\n${address}\ndjango: {secret_keys: [${site.secretKey}]}`)));
      const shown = await db.works('instance', 'session', 'main');
      expect(shown).to.contain('Cookie sessionid').and.contain('1 secret key').and.not.contain(site.secretKey);
      expect(shown).not.to.contain(new URL(site.readerUrl).password);
      await db.works('instance', 'session', 'main', '--off');
      expect(await db.works('instance', 'session', 'main')).to.contain('aren’t read');
    } finally {
      await rm(directory, { recursive: true, force: true });
      await site.close();
      await db.close();
    }
  });
});
