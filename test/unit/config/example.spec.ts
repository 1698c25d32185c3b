import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { exampleConfig } from '../../../bridge/config/example.js';
import { loadConfig } from '../../../bridge/config/load.js';
import { settingsSchema } from '../../../bridge/config/settings.js';
import { foyer } from '../../support/cli.js';

const FILE = fileURLToPath(new URL('../../../config/foyer.example.yml', import.meta.url));

describe('the example configuration', () => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-example-'));
  after(() => rmSync(dir, { recursive: true }));
  const filledIn = exampleConfig()
    .replace('account_key: …', `account_key: ${Buffer.alloc(32, 1).toString('base64')}`)
    .replace('[whsec_…]', `[whsec_${Buffer.alloc(32, 7).toString('base64')}]`)
    .replaceAll('…', 'secret');
  const load = (content: string) => {
    writeFileSync(join(dir, 'foyer.yml'), content);
    return loadConfig(join(dir, 'foyer.yml'), {});
  };

  it('is what “foyer config example” prints: generate it again when settings change', async () => {
    const { out } = await foyer(['config', 'example']);
    expect(readFileSync(FILE, 'utf8')).to.equal(out);
  });

  it('can be used once its secrets are filled in', () => {
    expect(load(filledIn).ejabberd.host).to.equal('chat.example.org');
  });

  it('shows the defaults as they are', () => {
    const asItIs = load(filledIn);
    const withComments = load(filledIn.replace(/^ {2}#(?! )/gm, '  '));
    for (const [section, { shape }] of Object.entries(settingsSchema.shape)) {
      for (const [key, schema] of Object.entries(
        shape as Record<string, { safeParse(value: unknown): { success: boolean; data?: unknown } }>,
      )) {
        if (schema.safeParse(undefined).data === undefined) continue;
        const read = (settings: object) => (settings as Record<string, Record<string, unknown>>)[section]?.[key];
        expect(read(withComments), `${section}.${key}`).to.deep.equal(read(asItIs));
      }
    }
  });
});
