import { expect } from 'chai';
import { SHORT } from './faults.js';
import { passed, report } from './report.js';
import { runFaults } from './run-faults.js';

/** A short run of what `npm run faults` does at length. */
describe('talk under faults', function () {
  this.timeout(600_000);

  it('loses and doubles nothing, and keeps every chat in order', async () => {
    const said: string[] = [];
    const verdict = await runFaults({
      ...{ seed: 20_261, messages: 1_500, perSecond: 20, visitors: 20, operators: 5 },
      ...{ faults: SHORT, seconds: 2 },
      say: (line) => void said.push(line),
    });
    expect(passed(verdict), `${said.join('\n')}\n${report(verdict)}`).to.equal(true);
    expect(verdict.messages).to.equal(1_500);
  });
});
