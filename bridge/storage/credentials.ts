import { createHash } from 'node:crypto';
import {
  ALL_SCOPES,
  type Credentials,
  type KeyCredential,
  type MemberCredential,
  type Scope,
  type VisitorCredential,
} from '../domain/reads.js';
import type { Clock } from '../shared/clock.js';
import { Coalescer } from '../shared/coalescer.js';
import { readRows, type Pool, type Row } from './pool.js';
import { Remembered } from '../shared/remembered.js';

/** A revoked key is refused after so long at the latest; a revoked token at once, so tokens aren’t remembered at all. */
const REMEMBER_KEYS_MS = 2_000;

/** Tokens looked up by one statement. */
const TOKENS_AT_ONCE = 200;

/** What is stored of a token or key. They are random and long, so that a plain hash can't be turned back. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function createCredentials(pool: Pool, clock: Clock): Credentials {
  const visitors = new Coalescer<Buffer, VisitorCredential | null>(async (hashes) => {
    const found = await readRows(
      pool,
      `SELECT visitors.token_hash, visitors.id, visitors.instance_id, instances.state, instances.max_messages_per_minute, NULL AS external_id, NULL AS site_groups, NULL AS by_session FROM visitors
         JOIN instances ON instances.id = visitors.instance_id
        WHERE visitors.token_hash IN (?) AND visitors.token_expires_at > NOW(3)
       UNION ALL
       SELECT member_tokens.token_hash, visitors.id, visitors.instance_id, instances.state, instances.max_messages_per_minute, visitors.external_id, visitors.site_groups, member_tokens.by_session
         FROM member_tokens
         JOIN visitors ON visitors.id = member_tokens.visitor_id
         JOIN instances ON instances.id = visitors.instance_id
        WHERE member_tokens.token_hash IN (?) AND member_tokens.expires_at > NOW(3)`,
      [hashes, hashes],
    );
    const byHash = new Map(found.map((row) => [(row['token_hash'] as Buffer).toString('base64'), row]));
    return hashes.map((hash) => {
      const row = byHash.get(hash.toString('base64'));
      return row
        ? {
            visitorId: row['id'] as number,
            instanceId: row['instance_id'] as number,
            member: row['by_session'] === null ? null : memberOf(hash, row),
            suspended: row['state'] !== 'active',
            messagesPerMinute: row['max_messages_per_minute'] as number | null,
          }
        : null;
    });
  }, TOKENS_AT_ONCE);
  const keys = new Remembered<string, KeyCredential | null>(clock, REMEMBER_KEYS_MS, async (hash) => {
    const [row] = await readRows(
      pool,
      `SELECT api_keys.id, api_keys.instance_id, api_keys.scopes, instances.state, instances.max_messages_per_minute,
              instances.max_requests_per_minute FROM api_keys
         LEFT JOIN instances ON instances.id = api_keys.instance_id
        WHERE api_keys.key_hash = ? AND api_keys.revoked_at IS NULL AND (api_keys.expires_at IS NULL OR api_keys.expires_at > NOW(3))`,
      [Buffer.from(hash, 'base64')],
    );
    return row
      ? {
          ...{ keyId: row['id'], instanceId: row['instance_id'], scopes: readScopes(row['scopes'] as string) },
          suspended: row['instance_id'] !== 0 && row['state'] !== 'active',
          ...{ messagesPerMinute: row['max_messages_per_minute'], requestsPerMinute: row['max_requests_per_minute'] },
        }
      : null;
  });
  // A lookup by a hash of what was sent takes the same time whatever is stored: nothing is compared byte by byte with a secret.
  return {
    visitor: (token) => visitors.add(hashSecret(token)),
    apiKey: (key) => keys.get(hashSecret(key).toString('base64')),
  };
}

function memberOf(tokenHash: Buffer, row: Row): MemberCredential {
  const groups = row['site_groups'] === null ? [] : (JSON.parse(row['site_groups'] as string) as string[]);
  return { tokenHash, externalId: String(row['external_id']), groups, bySession: Number(row['by_session']) === 1 };
}

function readScopes(text: string): ReadonlySet<Scope> {
  const names = text.split(' ');
  return new Set(ALL_SCOPES.filter((scope) => names.includes(scope)));
}
