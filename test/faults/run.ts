import { parseArgs } from 'node:util';
import { leftovers } from '../support/stack-leftovers.js';
import { FAULTS, SHORT } from './faults.js';
import { runFaults } from './run-faults.js';
import { passed, report } from './report.js';

const HELP = `npm run faults -- [options]
  --messages N   numbered messages, both ways together (10000)
  --rate N       messages a second (40)
  --visitors N   (20)
  --operators N  (5)
  --seconds N    how long a fault lasts that has a length (30)
  --only NAME    one fault, can be given several times; otherwise all
  --short        one of each kind: enough for a first look
  --seed N       the same seed gives the same order of faults (from the clock)
Faults: ${FAULTS.map(({ name }) => name).join(', ')}`;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '40' },
    visitors: { type: 'string', default: '20' },
    operators: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    only: { type: 'string', multiple: true },
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const known = new Set(FAULTS.map(({ name }) => name));
const faults = values.only ?? (values.short ? SHORT : [...known]);
const unknown = faults.filter((name) => !known.has(name));
if (unknown.length > 0) {
  console.error(`There is no fault ${unknown.join(', ')}.\n${HELP}`);
  process.exit(64);
}

let code = 1;
try {
  const verdict = await runFaults({
    ...{ faults, seed: Number(values.seed), messages: Number(values.messages), perSecond: Number(values.rate) },
    ...{ visitors: Number(values.visitors), operators: Number(values.operators), seconds: Number(values.seconds) },
    say: (line) => console.error(line),
  });
  console.log(report(verdict));
  code = passed(verdict) ? 0 : 1;
} catch (error) {
  console.error(error);
} finally {
  await leftovers.endAll();
}
process.exit(code);
