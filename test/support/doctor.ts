import { expect } from 'chai';
import type { Finding } from '../../bridge/cli/doctor/finding.js';
import type { TestFoyer } from './bridge.js';
import { environmentOf, foyer as cli } from './cli.js';

/** `foyer doctor` on a Foyer of tests. */
export interface Examiner {
  env: Record<string, string>;
  /** @param changed settings that are other ones for the doctor than for the bridge */
  examine(changed?: Record<string, string>, ...options: string[]): Promise<{ code: number; findings: Finding[] }>;
  /** Exactly one thing is wrong: it is named, with what to change, and the exit code says so. */
  findsOnly(wrong: RegExp, change: RegExp, changed?: Record<string, string>): Promise<Finding[]>;
}

export function examinerOf(foyer: TestFoyer): Examiner {
  const env = environmentOf(foyer.settings);
  const examine: Examiner['examine'] = async (changed = {}, ...options) => {
    const { code, out, err } = await cli(['doctor', '--json', ...options], { env: { ...env, ...changed } });
    expect(err).to.equal('');
    return { code, findings: JSON.parse(out) as Finding[] };
  };
  return {
    env,
    examine,
    async findsOnly(wrong, change, changed = {}) {
      const { code, findings } = await examine(changed, '--no-round-trip');
      expect(code).to.equal(1);
      expect(failures(findings)).to.have.lengthOf(1);
      const found = findings.find(({ level }) => level === 'fail');
      expect(found?.what).to.match(wrong);
      expect(found?.advice).to.match(change);
      return findings;
    },
  };
}

export function failures(findings: readonly Finding[]): string[] {
  return findings.filter(({ level }) => level === 'fail').map(({ what }) => what);
}
