import { readOverview } from '../../storage/overview.js';
import { rows } from '../../storage/pool.js';
import { testCallback } from '../callback.js';
import type { Check } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';

const OLD_SECONDS = 300;

/** What waits, what was given up and what was rejected. */
export const backlog: Check = {
  name: 'backlog',
  needs: ['migrations'],
  async run({ core }) {
    const { outbox, deadLetters, rejectedEvents } = await readOverview(core.pool);
    const findings: Finding[] = [];
    for (const { target, depth, oldestSeconds } of outbox) {
      if (oldestSeconds > OLD_SECONDS)
        findings.push(
          warn(`${depth} entries wait for ${target}, the oldest for ${oldestSeconds} s`, 'foyer outbox list says why'),
        );
    }
    const dead = deadLetters.reduce((sum, { count }) => sum + count, 0);
    if (dead > 0)
      findings.push(
        warn(
          `${dead} ${dead === 1 ? 'entry was' : 'entries were'} given up`,
          'foyer outbox dead lists them, foyer outbox resend ID sends one again',
        ),
      );
    if (rejectedEvents > 0)
      findings.push(
        warn(
          `${rejectedEvents} ${rejectedEvents === 1 ? 'event of mod_foyer was' : 'events of mod_foyer were'} rejected`,
          'foyer events lists them, foyer events --resend ID takes one again',
        ),
      );
    return findings.length > 0 ? findings : [ok('nothing waits for long, nothing was given up or rejected')];
  },
};

/** A signed callback to every helpdesk that wants to be called back. */
export const helpdesk: Check = {
  name: 'helpdesk',
  needs: ['account key'],
  async run({ core }) {
    const found = await rows(
      core.pool,
      'SELECT instances.id, instances.name FROM instances WHERE instances.callback_url IS NOT NULL ORDER BY instances.id',
    );
    const findings: Finding[] = [];
    for (const row of found) {
      const { delivered, reason, milliseconds } = await testCallback(core, row['id'] as number);
      const who = `the helpdesk of ${row['name']}`;
      findings.push(
        delivered
          ? ok(`${who} took a test callback (${milliseconds} ms)`)
          : fail(`${who} didn’t take a test callback (${reason})`, 'foyer callback set URL; see the helpdesk’s log'),
      );
    }
    return findings;
  },
};
