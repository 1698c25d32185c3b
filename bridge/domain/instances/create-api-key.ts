import type { Ids } from '../../shared/ids.js';
import type { NewApiKey, Tx } from '../ports.js';
import type { Scope } from '../reads.js';

const PREFIX = 'foyer_';
const KEY_BYTES = 32;
/** Of the prefix and the first characters behind it; what is left has far more than 128 bits. */
const SHOWN = 12;

/** A key of 256 random bits; its beginning says what it is, so that scanners for leaked secrets find it. */
export function newApiKey(ids: Pick<Ids, 'secret'>): string {
  return PREFIX + ids.secret(KEY_BYTES);
}

/** Lets in whoever has this key. Only its hash is stored. @returns the key's id */
export async function createApiKey(
  tx: Tx,
  hashKey: (key: string) => Buffer,
  key: string,
  {
    instanceId,
    name,
    scopes,
    expiresAt,
  }: Pick<NewApiKey, 'instanceId' | 'name' | 'expiresAt'> & { scopes: readonly Scope[] },
): Promise<number> {
  return tx.apiKeys.create({ instanceId, name, prefix: key.slice(0, SHOWN), hash: hashKey(key), scopes, expiresAt });
}
