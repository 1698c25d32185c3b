import type { Client } from '../domain/bans/ban.js';
import type { Clock } from '../shared/clock.js';
import { readBansEverywhere } from './ban-store.js';
import type { Pool } from './pool.js';
import { Remembered } from '../shared/remembered.js';

/** For calls that come with each message and each wake of a listener: a new ban holds for them after so long at the latest. */
const REMEMBER_MS = 1_000;

interface Index {
  visitors: ReadonlySet<number>;
  digests: ReadonlySet<string>;
  networks: readonly string[];
}

/** Whether a visitor may not speak or listen any more, at any desk of the instance. */
export function banIndex(
  pool: Pool,
  clock: Clock,
): (instanceId: number, visitorId: number, client: Client) => Promise<boolean> {
  const indexes = new Remembered<number, Index>(clock, REMEMBER_MS, async (instanceId) => {
    const bans = await readBansEverywhere(pool, instanceId);
    return {
      visitors: new Set(bans.flatMap(({ visitorId }) => visitorId ?? [])),
      digests: new Set(bans.flatMap(({ address }) => address?.toString('base64') ?? [])),
      networks: bans.flatMap(({ network }) => network ?? []),
    };
  });
  return async (instanceId, visitorId, client) => {
    const { visitors, digests, networks } = await indexes.get(instanceId);
    return (
      visitors.has(visitorId) ||
      client.digests.some((digest) => digests.has(digest.toString('base64'))) ||
      networks.some((network) => client.isIn(network))
    );
  };
}
