import type { Bench, Rate } from './support/bench.js';
import { median } from './support/figures.js';
import { operatorToRecord } from './operator-to-record.js';
import { pageToOperator } from './page-to-operator.js';
import { rawRate } from './raw.js';

/** Share of the raw rate that each direction is to reach. */
const TARGET = { atLeastOfRaw: 0.5 };
/** What a page sends at once that was offline. */
const SEVERAL = 50;
/** Enough for the just-in-time compilers. */
const WARM_UP = 1_000;

/** As fast as it goes, all ways in turn, so that a busy minute of the machine meets them all. */
export async function rates(bench: Bench): Promise<void> {
  const { foyer, chats, pairs, sizes } = bench;
  const ways = [
    { what: 'c2s to c2s, 256 in flight', run: (name: string, count: number) => rawRate(pairs, name, count) },
    { what: 'operator to record', run: (name: string, count: number) => operatorToRecord(foyer, chats, name, count) },
    {
      what: 'page to operator, 1 a request',
      run: (name: string, count: number) => pageToOperator(foyer, chats, name, count, 1),
    },
    {
      what: `page to operator, ${SEVERAL} a request`,
      run: (name: string, count: number) => pageToOperator(foyer, chats, name, count, SEVERAL),
    },
  ].map((way) => ({ ...way, results: [] as Rate[] }));
  for (const { run } of ways) await run(bench.newRun(), WARM_UP);
  for (let round = 0; round < sizes.rounds; round += 1) {
    for (const { run, results } of ways) results.push(await run(bench.newRun(), sizes.messages));
  }
  let raw: number | undefined;
  for (const { what, results } of ways) {
    const value = median(results.map(({ perSecond }) => perSecond));
    const lost = results.reduce((sum, one) => sum + one.lost, 0);
    const doubled = results.reduce((sum, one) => sum + one.doubled, 0);
    bench.report({
      measure: 'rate',
      what,
      value,
      unit: '/s',
      lost,
      doubled,
      ...(raw === undefined ? {} : { raw, target: TARGET }),
    });
    raw ??= value;
  }
}
