import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadCommands } from '../../bridge/compose-commands.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(`${ROOT}README.md`, 'utf8');

const exists = (path: string) => existsSync(ROOT + path) || existsSync(`${ROOT}${path}.ts`);

describe('the README', () => {
  it('names files and folders that there are', () => {
    const named = [...text.matchAll(/`((?:bridge|ejabberd-module|php-extension-stubs|config|test)\b[\w./-]*)`/g)];
    const paths = named.map(([, path = '']) => path).filter((path) => !path.includes('…'));
    expect(paths.length).to.be.greaterThan(15);
    expect(paths.filter((path) => !exists(path))).to.deep.equal([]);
  });

  it('has a word on every command that operators can type, and on no other', async () => {
    const table = text.slice(text.indexOf('## What operators type'), text.indexOf('## Put it on a page'));
    const named = [...table.matchAll(/`!(\w+)[^`]*`/g)].map(([, word = '']) => word).filter((word) => word !== 'word');
    const { commands } = await loadCommands();
    expect([...new Set(named)].sort()).to.deep.equal(commands.map(({ word }) => word));
  });

  it('draws parts of the bridge that there are', () => {
    const drawn = [...text.matchAll(/\b((?:inbound|outbound)\/[\w-]+(?:\/[\w-]+)?)/g)].map(
      ([, path]) => `bridge/${path}`,
    );
    expect(drawn.length).to.be.greaterThan(6);
    expect(drawn.filter((path) => !exists(path))).to.deep.equal([]);
  });
});
