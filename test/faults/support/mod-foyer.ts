import { AdminClient } from '../../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient, type SpoolInfo } from '../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import type { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';

/** What mod_foyer says of its spool. */
export async function spoolOf(foyer: TestFoyer): Promise<SpoolInfo> {
  const { apiUrl: url, apiUser: user, apiPassword: password, host } = foyer.ejabberd;
  const admin = new AdminClient({ url, user, password });
  try {
    return await new ModFoyerClient(admin).spoolInfo(host);
  } finally {
    admin.close();
  }
}

/** Ends mod_foyer's wait for its next try, as one does by hand, and waits until the bridge has everything. */
export async function untilDrained(foyer: TestFoyer, seconds = 40): Promise<void> {
  await foyer.ejabberd.ctl('foyer_spool_resend', foyer.ejabberd.host);
  await until(async () => (await spoolOf(foyer)).depth === 0, 'a drained spool', seconds, 50);
}
