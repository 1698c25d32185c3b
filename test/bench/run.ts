import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { leftovers } from '../support/stack-leftovers.js';
import { helpdesk } from './helpdesk.js';
import { hosting } from './hosting.js';
import { latency } from './latency.js';
import { manyRooms } from './many-rooms.js';
import { provisioning } from './provisioning.js';
import { queue } from './queue.js';
import { rates } from './rates.js';
import { rawPairs } from './raw.js';
import { rooms } from './rooms.js';
import { spoolDrain } from './spool-drain.js';
import { visitorsOnline } from './visitors-online.js';
import { FULL, QUICK, type Bench, type Sizes } from './support/bench.js';
import { BenchFoyer } from './support/bench-foyer.js';
import { table, type Figure } from './support/figures.js';
import { writeResults } from './support/results.js';

/** Measures that share a Foyer: what one leaves behind doesn't weigh on the others. */
const GROUPS: readonly {
  operators: number;
  chatsEach: number;
  pairs: number;
  measures: Record<string, (bench: Bench) => Promise<void>>;
}[] = [
  { operators: 16, chatsEach: 4, pairs: 16, measures: { rates, latency, spool: spoolDrain } },
  { operators: 16, chatsEach: 4, pairs: 16, measures: { helpdesk } },
  { operators: 0, chatsEach: 0, pairs: 0, measures: { provisioning } },
  { operators: 1, chatsEach: 0, pairs: 0, measures: { visitors: visitorsOnline } },
  { operators: 0, chatsEach: 0, pairs: 0, measures: { queue } },
  { operators: 0, chatsEach: 0, pairs: 0, measures: { hosting } },
  { operators: 0, chatsEach: 0, pairs: 0, measures: { rooms } },
  { operators: 0, chatsEach: 0, pairs: 0, measures: { 'many-rooms': manyRooms } },
];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    json: { type: 'string', default: '.foyer/bench.json' },
  },
});
const names = GROUPS.flatMap(({ measures }) => Object.keys(measures));
const chosen = options.only ?? names;
const unknown = chosen.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}; there are ${names.join(', ')}.`);
  process.exit(64);
}

const figures: Figure[] = [];
const started = performance.now();
let failed = false;
try {
  for (const group of GROUPS) await runGroup(group, options.quick ? QUICK : FULL);
} catch (error) {
  // What was measured until then is shown all the same.
  console.error(error);
  failed = true;
} finally {
  await leftovers.endAll();
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(
  `\n${table(figures)}\n\n${seconds} s on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
);
const file = await writeResults(options.json, {
  ...{ at: new Date().toISOString(), quick: options.quick, seconds, failed },
  figures,
});
console.log(`The same as JSON: ${file}`);
process.exit(failed ? 1 : 0);

async function runGroup(
  { operators, chatsEach, pairs, measures }: (typeof GROUPS)[number],
  sizes: Sizes,
): Promise<void> {
  const wanted = Object.entries(measures).filter(([name]) => chosen.includes(name));
  if (wanted.length === 0) return;
  const foyer = await BenchFoyer.start();
  const clients = await foyer.operators(operators);
  let runs = 0;
  const bench: Bench = {
    ...{ foyer, operators: clients, sizes },
    chats: await foyer.chats(clients, chatsEach),
    pairs: await rawPairs(foyer.ejabberd, pairs),
    newRun: () => `r${(runs += 1)}`,
    report: (figure) => void figures.push(figure),
  };
  for (const [name, measure] of wanted) {
    const since = performance.now();
    await measure(bench);
    console.error(`${name}: ${Math.round((performance.now() - since) / 1000)} s`);
  }
  await foyer.stop();
}
