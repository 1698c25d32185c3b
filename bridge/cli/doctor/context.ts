import type { Core } from '../../compose.js';
import { hostsOf, type Settings } from '../../config/settings.js';
import type { AdminClient } from '../../outbound/ejabberd/admin-client.js';
import type { ModFoyerClient } from '../../outbound/ejabberd/mod-foyer-client.js';
import type { Finding } from './finding.js';

/** What checks look at. */
export interface DoctorContext {
  readonly core: Core;
  readonly settings: Settings;
  readonly admin: AdminClient;
  readonly modFoyer: ModFoyerClient;
  /** Where the running bridge is asked, without a slash at the end; undefined when its port isn't known. */
  readonly base: string | undefined;
}

/** One subject. When it finds a `fail`, the checks that need it are left out. */
export interface Check {
  readonly name: string;
  readonly needs: readonly string[];
  run(context: DoctorContext): Promise<Finding[]>;
}

/** Where the bridge of these settings answers on this machine. */
export function bridgeBase({ http }: Settings): string | undefined {
  if (http.port === 0) return http.public_url?.replace(/\/+$/, '');
  const host = http.host === '0.0.0.0' ? '127.0.0.1' : http.host === '::' ? '::1' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
}

/** A check of each of ejabberd's virtual hosts that the bridge serves, one after the other. */
export function onEachHost(check: (context: DoctorContext, host: string) => Promise<Finding[]>): Check['run'] {
  return async (context) => {
    const findings: Finding[] = [];
    for (const host of hostsOf(context.settings)) findings.push(...(await check(context, host)));
    return findings;
  };
}
