import type { CallbackTarget, CallbackTargets } from '../domain/instances/callback.js';
import type { SecretBox } from '../shared/box.js';
import { Coalescer } from '../shared/coalescer.js';
import { rows, type Pool } from './pool.js';

/**
 * Read anew for every lane that is served, so that a new address or secret counts at once; lanes served together share
 * the statement.
 */
export function createCallbackTargets(pool: Pool, box: SecretBox): CallbackTargets {
  const reading = new Coalescer<number, CallbackTarget | undefined>(async (ids) => {
    const found = await rows(
      pool,
      'SELECT instances.id, instances.name, instances.callback_url_box, instances.callback_secrets_box FROM instances WHERE instances.id IN (?)',
      [[...new Set(ids)]],
    );
    const byId = new Map(
      found.map((row) => [
        row['id'] as number,
        {
          instanceName: row['name'] as string,
          url: openText(box, row['callback_url_box']),
          secrets: openSecrets(box, row['callback_secrets_box']),
        },
      ]),
    );
    return ids.map((id) => byId.get(id));
  }, 500);
  return { get: (id) => reading.add(id) };
}

function openText(box: SecretBox, sealed: Buffer | null): string | null {
  return sealed === null ? null : box.open(sealed);
}

/** The secrets that sign callbacks, newest first. */
export function openSecrets(box: SecretBox, sealed: Buffer | null): string[] {
  return sealed === null ? [] : (JSON.parse(box.open(sealed)) as string[]);
}
