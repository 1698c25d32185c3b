import { ALL_SCOPES, type Scope } from '../domain/reads.js';
import type { ApiKeyStore } from '../domain/ports.js';
import { rows, type Pool } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

export function apiKeyStore(work: UnitOfWork): ApiKeyStore {
  return {
    create: ({ instanceId, name, prefix, hash, scopes, expiresAt }) =>
      work.insert(
        'INSERT INTO api_keys (instance_id, name, prefix, key_hash, scopes, created_at, expires_at) VALUES (?)',
        [[instanceId, name, prefix, hash, scopes.join(' '), work.now, expiresAt]],
      ),
    async revoke(instanceId, id) {
      const [row] = await work.select(
        'SELECT api_keys.id FROM api_keys WHERE api_keys.instance_id = ? AND api_keys.id = ? AND api_keys.revoked_at IS NULL FOR UPDATE',
        [instanceId, id],
      );
      if (row) work.later('UPDATE api_keys SET revoked_at = ? WHERE id = ?', [work.now, id]);
      return row !== undefined;
    },
  };
}

/** An API key as people see it: never the key. */
export interface ApiKeyView {
  id: number;
  name: string;
  prefix: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export async function listApiKeys(pool: Pool, instanceId: number): Promise<ApiKeyView[]> {
  const found = await rows(
    pool,
    `SELECT api_keys.id, api_keys.name, api_keys.prefix, api_keys.scopes, api_keys.created_at, api_keys.expires_at, api_keys.revoked_at
       FROM api_keys WHERE api_keys.instance_id = ? ORDER BY api_keys.id`,
    [instanceId],
  );
  return found.map((row) => {
    const named = (row['scopes'] as string).split(' ');
    return {
      ...{
        id: row['id'],
        name: row['name'],
        prefix: row['prefix'],
        scopes: ALL_SCOPES.filter((scope) => named.includes(scope)),
      },
      ...{ createdAt: row['created_at'], expiresAt: row['expires_at'], revokedAt: row['revoked_at'] },
    };
  });
}

/** Whether this very key was ever made for the instance, and still holds. */
export async function apiKeyHolds(pool: Pool, instanceId: number, hash: Buffer): Promise<boolean> {
  const [row] = await rows(
    pool,
    `SELECT api_keys.id FROM api_keys WHERE api_keys.instance_id = ? AND api_keys.key_hash = ? AND api_keys.revoked_at IS NULL
        AND (api_keys.expires_at IS NULL OR api_keys.expires_at > NOW(3))`,
    [instanceId, hash],
  );
  return row !== undefined;
}
