import { AdminClient } from '../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import { median } from './support/figures.js';
import { sendFromOperators } from './operator-to-record.js';
import { countOf, tallyOf } from './support/record.js';

const TARGET = { atLeast: 5_000 };

/** What operators wrote while nothing was sent to the bridge: from the moment that it is sent until the record has all. */
export async function spoolDrain({ foyer, chats, sizes, newRun, report }: Bench): Promise<void> {
  const { apiUrl: url, apiUser: user, apiPassword: password, host } = foyer.ejabberd;
  const admin = new AdminClient({ url, user, password });
  const modFoyer = new ModFoyerClient(admin);
  const ids = chats.map(({ id }) => id);
  const count = sizes.spooled;
  const drained: number[] = [];
  let [lost, doubled] = [0, 0];
  for (let round = 0; round < sizes.drains; round += 1) {
    const run = newRun();
    const before = await countOf(foyer.pool, ids);
    await admin.call('foyer_spool_pause', { host });
    await sendFromOperators(chats, run, count);
    await until(async () => (await modFoyer.spoolInfo(host)).depth >= count, `${count} events in the spool`, 60);
    const started = performance.now();
    await admin.call('foyer_spool_resume', { host });
    await until(async () => (await countOf(foyer.pool, ids)) >= before + count, `${count} messages in the record`, 120);
    drained.push(count / ((performance.now() - started) / 1000));
    const tally = await tallyOf(foyer.pool, run, count);
    lost += tally.lost;
    doubled += tally.doubled;
  }
  admin.close();
  report({
    measure: 'spool',
    what: `${count} events to the record`,
    value: median(drained),
    unit: '/s',
    target: TARGET,
    lost,
    doubled,
  });
}
