import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeResults } from '../../bench/support/results.js';

describe('the results of the bench', () => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-'));
  after(() => rmSync(dir, { recursive: true }));

  it('are written as JSON, in a folder that needn’t be there, and say what was reached', async () => {
    const file = await writeResults(join(dir, '.foyer', 'bench.json'), {
      ...{ at: '2026-11-25T08:00:00.000Z', quick: true, seconds: 1, failed: false },
      figures: [{ measure: 'latency', what: 'page to record', value: 5, unit: 'ms', target: { atMost: 4 } }],
    });
    expect(file).to.equal(join(dir, '.foyer', 'bench.json'));
    const read = JSON.parse(readFileSync(file, 'utf8')) as { quick: boolean; figures: unknown[] };
    expect(read).to.include({ quick: true, failed: false });
    expect(read.figures[0]).to.include({ measure: 'latency', value: 5, reached: false });
  });
});
