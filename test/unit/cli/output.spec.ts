import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { Io } from '../../../bridge/cli/io.js';
import { printItems, type Item } from '../../../bridge/cli/output.js';

function printed(items: readonly Item[], json = false): string {
  const stdout = new PassThrough();
  const io = { stdout } as unknown as Io;
  printItems(io, items, { json, empty: 'Nothing.' });
  return String(stdout.read());
}

describe('lists', () => {
  it('align their columns, also with emoji', () => {
    expect(
      printed([
        { name: 'Anna', state: 'ready' },
        { name: '😀😀😀😀😀😀', state: 'x' },
      ]),
    ).to.equal('name    state\nAnna    ready\n😀😀😀😀😀😀  x\n');
  });

  it('show what is absent as a dash, times in UTC, several values with commas', () => {
    const item = { none: null, at: new Date('2026-11-21T05:00:00.123Z'), many: ['a', 'b'], few: [], yes: true };
    expect(
      printed([item])
        .split('\n')[1]
        ?.split(/\s{2,}/),
    ).to.deep.equal(['-', '2026-11-21T05:00:00Z', 'a, b', '-', 'yes']);
  });

  it('let nobody send commands to the terminal through a name', () => {
    expect(printed([{ name: 'a\u001b[2Jb\nc\u202ed' }])).to.equal('name\na [2Jb c d\n');
  });

  it('are the same to programs, and no commands to the terminal either', () => {
    const items = [{ name: 'a\u009b2Jb\u202ec\u2028d\u007f' }];
    expect(printed(items, true)).to.include('"a\\u009b2Jb\\u202ec\\u2028d\\u007f"');
    expect(JSON.parse(printed(items, true))).to.deep.equal(items);
  });

  it('say in a sentence that there is nothing, or give programs an empty list', () => {
    expect(printed([])).to.equal('Nothing.\n');
    expect(printed([], true)).to.equal('[]\n');
  });
});
