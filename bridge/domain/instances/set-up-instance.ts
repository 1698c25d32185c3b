import { SCOPES } from '../reads.js';
import type { Tx } from '../ports.js';
import { createApiKey } from './create-api-key.js';
import { createInstance, type CreateInstance } from './create-instance.js';
import type { Instance } from './instance.js';
import { setCallback } from './set-callback.js';

export interface SetUpInstance {
  wanted: CreateInstance;
  hosts: readonly string[];
  actor: string;
  /** Made up for its helpdesk, which may do everything with it; null: none for now. */
  apiKey: string | null;
  hashKey: (key: string) => Buffer;
  /** Null: nobody is called back for now. */
  callback: { url: string; secret: string } | null;
}

/**
 * A new instance with its first key, if there is one, and what its callbacks are signed with.
 * @throws FoyerError `invalid_request` | `conflict` when there is or was one of this name
 */
export async function setUpInstance(
  tx: Tx,
  { wanted, hosts, actor, apiKey, hashKey, callback }: SetUpInstance,
): Promise<Instance> {
  const { id } = await createInstance(tx, hosts, wanted);
  const key = { instanceId: id, name: 'helpdesk', scopes: SCOPES, expiresAt: null };
  if (apiKey !== null) await createApiKey(tx, hashKey, apiKey, key);
  if (callback) {
    const { url, secret } = callback;
    await setCallback(tx, id, { url, secret, rotate: false, fresh: secret });
  }
  const { name, host } = wanted;
  tx.audit.add({
    ...{ instanceId: id, actor, action: 'instance.create', subject: `instance:${id}` },
    details: { name, host },
  });
  return tx.instances.get(id);
}

/** Where an instance's callbacks go: the address, or pattern, that was given, else the usual pattern; null where there is neither. */
export function callbackAddress(name: string, given: string | undefined, usual: string | undefined): string | null {
  return (given ?? usual)?.replaceAll('{instance}', name) ?? null;
}
