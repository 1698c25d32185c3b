import type { Core } from '../../bridge/compose.js';
import { createApiKey, newApiKey } from '../../bridge/domain/instances/create-api-key.js';
import { SCOPES } from '../../bridge/domain/reads.js';
import { randomIds } from '../../bridge/shared/ids.js';
import { hashSecret } from '../../bridge/storage/credentials.js';
import type { TestFoyer } from './bridge.js';

export interface HelpdeskAnswer<T> {
  status: number;
  headers: Headers;
  /** As it came, before JSON was read. */
  raw: string;
  body: T;
}

/** Calls the helpdesk's API with a key of all scopes; throws where the answer is a refusal. */
export type Helpdesk = <T>(method: string, path: string, body?: unknown) => Promise<HelpdeskAnswer<T>>;

/** A key of all scopes. */
export async function apiKey({ transactions }: Pick<Core, 'transactions'>): Promise<string> {
  const key = newApiKey(randomIds);
  await transactions.alone((tx) =>
    createApiKey(tx, hashSecret, key, { instanceId: 1, name: 'test', scopes: SCOPES, expiresAt: null }),
  );
  return key;
}

export async function helpdesk(foyer: TestFoyer): Promise<Helpdesk> {
  const key = await apiKey(foyer.bridge.core);
  return async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${foyer.base}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const raw = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${raw}`);
    return {
      status: response.status,
      headers: response.headers,
      raw,
      body: (response.headers.get('content-type')?.includes('json') ? JSON.parse(raw) : null) as T,
    };
  };
}
