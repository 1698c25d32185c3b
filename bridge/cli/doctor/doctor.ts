import { AdminClient } from '../../outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../outbound/ejabberd/mod-foyer-client.js';
import { describeError } from '../../shared/errors.js';
import { command, JSON_OUT } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { say } from '../io.js';
import { printJson } from '../output.js';
import { lendCore } from '../with-core.js';
import { apiRights, moduleRights } from './api-rights.js';
import { backlog, helpdesk } from './backlog.js';
import { bridge } from './bridge.js';
import { databaseClock, ejabberdClock } from './clocks.js';
import { bridgeBase, type Check, type DoctorContext } from './context.js';
import { accountKey, basics, database, migrations } from './database.js';
import { ejabberd, xmpp } from './ejabberd.js';
import { fail, lineOf, type Finding } from './finding.js';
import { mail } from './mail.js';
import { hooks, modFoyer, spool } from './mod-foyer.js';
import { roundTrip } from './round-trip.js';

/** In this order; each after those that it needs. */
const CHECKS: readonly Check[] = [
  ...[database, databaseClock, migrations, accountKey, basics],
  ...[ejabberd, apiRights, xmpp, modFoyer, moduleRights, ejabberdClock],
  ...[bridge, spool, hooks, backlog, helpdesk, mail],
];

export const doctor = command({
  name: 'doctor',
  summary: 'Tries everything that Foyer needs, and says what to change. Exit code 1 when something fails.',
  details:
    'Needs a running bridge. The last check sends a message from a test visitor to a test operator and one back, in an instance of its own\n' +
    '(“foyer-doctor”), and takes both away again.',
  options: { 'no-round-trip': { type: 'boolean', text: 'leave the test conversation out' }, json: JSON_OUT },
  run: (call) =>
    lendCore(call, async (core) => {
      const settings = call.settings();
      const { api_url: url, api_user: user, api_password: password } = settings.ejabberd;
      const admin = new AdminClient({ url, user, password, maxSockets: 2 });
      try {
        const context = { core, settings, admin, modFoyer: new ModFoyerClient(admin), base: bridgeBase(settings) };
        const checks = call.values['no-round-trip'] === true ? CHECKS : [...CHECKS, roundTrip];
        const tell = call.values.json === true ? () => undefined : (finding: Finding) => say(call.io, lineOf(finding));
        const findings = await examine(checks, context, tell);
        if (call.values.json === true) printJson(call.io, findings);
        return findings.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
      } finally {
        admin.close();
      }
    }),
});

async function examine(
  checks: readonly Check[],
  context: DoctorContext,
  tell: (finding: Finding) => void,
): Promise<Finding[]> {
  const broken = new Set<string>();
  const all: Finding[] = [];
  for (const check of checks) {
    const cause = check.needs.find((name) => broken.has(name));
    const findings: Finding[] =
      cause === undefined ? await look(check, context) : [{ level: 'skip', what: `${check.name} (needs: ${cause})` }];
    if (findings.some(({ level }) => level === 'fail' || level === 'skip')) broken.add(check.name);
    for (const finding of findings) tell(finding);
    all.push(...findings);
  }
  return all;
}

/** A check that breaks is a finding too: the others still have something to say. */
async function look(check: Check, context: DoctorContext): Promise<Finding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    return [fail(`${check.name}: ${describeError(error)}`, 'see the logs')];
  }
}
