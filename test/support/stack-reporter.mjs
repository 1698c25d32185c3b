// Mocha's spec reporter that also leaves the counts in the file named by the reporter option `output`.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

export default class CountingSpec extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, pending, failures } = this.stats;
      const counts = { passed: passes, skipped: pending, failed: failures };
      writeFileSync(options.reporterOptions.output, JSON.stringify(counts));
    });
  }
}
