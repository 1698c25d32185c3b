// Mocha's spec reporter that also leaves the counts in the file named by the reporter option `output`, and says what keeps
// the process alive when it should have ended.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

/** Sockets and timers that end by themselves are gone by then. */
const STILL_OPEN_MS = 15_000;

export default class CountingSpec extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, pending, failures } = this.stats;
      const counts = { passed: passes, skipped: pending, failed: failures };
      writeFileSync(options.reporterOptions.output, JSON.stringify(counts));
      setTimeout(() => {
        process.stderr.write(`still open: ${process.getActiveResourcesInfo().join(', ')}\n`);
      }, STILL_OPEN_MS).unref();
    });
  }
}
