import { createHash } from 'node:crypto';
import { SCOPES, type Credentials, type KeyCredential, type Scope, type VisitorCredential } from '../domain/reads.js';
import type { Clock } from '../shared/clock.js';
import { readRows, type Pool } from './pool.js';
import { Remembered } from './remembered.js';

/** A revoked token or key is refused after so long at the latest. */
const REMEMBER_MS = 2_000;

/** What is stored of a token or key. They are random and long, so that a plain hash can't be turned back. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function createCredentials(pool: Pool, clock: Clock): Credentials {
  const visitors = new Remembered<string, VisitorCredential | null>(clock, REMEMBER_MS, async (hash) => {
    const [row] = await readRows(
      pool,
      'SELECT visitors.id, visitors.instance_id FROM visitors WHERE visitors.token_hash = ? AND visitors.token_expires_at > NOW(3)',
      [Buffer.from(hash, 'base64')],
    );
    return row ? { visitorId: row['id'], instanceId: row['instance_id'] } : null;
  });
  const keys = new Remembered<string, KeyCredential | null>(clock, REMEMBER_MS, async (hash) => {
    const [row] = await readRows(
      pool,
      `SELECT api_keys.id, api_keys.instance_id, api_keys.scopes FROM api_keys
        WHERE api_keys.key_hash = ? AND api_keys.revoked_at IS NULL AND (api_keys.expires_at IS NULL OR api_keys.expires_at > NOW(3))`,
      [Buffer.from(hash, 'base64')],
    );
    return row
      ? { keyId: row['id'], instanceId: row['instance_id'], scopes: readScopes(row['scopes'] as string) }
      : null;
  });
  // A lookup by a hash of what was sent takes the same time whatever is stored: nothing is compared byte by byte with a secret.
  return {
    visitor: (token) => visitors.get(hashSecret(token).toString('base64')),
    apiKey: (key) => keys.get(hashSecret(key).toString('base64')),
  };
}

function readScopes(text: string): ReadonlySet<Scope> {
  const names = text.split(' ');
  return new Set(SCOPES.filter((scope) => names.includes(scope)));
}
