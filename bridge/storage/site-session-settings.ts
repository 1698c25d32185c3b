import type { SiteSessionSettings } from '../domain/visitors/site-session.js';
import type { SecretBox } from '../shared/box.js';
import { readRows, type Pool } from './pool.js';

/** How an instance reads its site's sessions; null: not at all. */
export function siteSessionSettings(
  pool: Pool,
  box: SecretBox,
): (instanceId: number) => Promise<SiteSessionSettings | null> {
  return async (instanceId) => {
    const [row] = await readRows(pool, 'SELECT instances.site_session_box FROM instances WHERE instances.id = ?', [
      instanceId,
    ]);
    const sealed = row?.['site_session_box'] as Buffer | null | undefined;
    return sealed ? (JSON.parse(box.open(sealed)) as SiteSessionSettings) : null;
  };
}
