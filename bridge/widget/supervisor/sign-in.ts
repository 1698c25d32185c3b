import { Api, type Credential } from './api.js';
import type { Rights, Session } from './types.js';

const KEPT = 'foyer-supervisor-key';
const KEY = /^[\x21-\x7e]{1,200}$/;
const SESSION = '/supervisor/v1/session';

/** Somebody who is signed in. */
export interface SignedIn {
  api: Api;
  rights: Rights;
  /** What the page calls who it is. */
  name: string;
  /** What it may do now; undefined where that never changes. */
  refresh?: () => Promise<Rights>;
  end: () => Promise<void>;
}

/**
 * By what this tab was signed in before, or by the link that it was opened with. The link's token is in the fragment, which goes neither to the server nor
 * into logs, and is gone from the address and the history at once.
 * @returns null: nobody is
 * @throws when the link isn't good any more, or the bridge is away
 */
export async function resume(): Promise<SignedIn | null> {
  const token = location.hash.slice(1);
  if (token !== '') {
    history.replaceState(null, '', location.pathname);
    sessionStorage.removeItem(KEPT);
    // A site's word is a JWT, and a link's token has no dot.
    return bySession(await enter('POST', token.includes('.') ? { identity: token } : { token }));
  }
  const kept = sessionStorage.getItem(KEPT);
  if (kept !== null) return byKey(kept);
  const session = await enter('GET').catch((error: unknown) => {
    if (error instanceof SignedOut) return null;
    throw error;
  });
  return session && bySession(session);
}

/** @returns null: that can't be a key */
export function byKey(key: string): SignedIn | null {
  if (!KEY.test(key)) return null;
  return {
    ...{ api: new Api({ key }), rights: { operator: null, manages: () => true, sees: () => true }, name: '' },
    end: () => Promise.resolve(sessionStorage.removeItem(KEPT)),
  };
}

/** The key stays in this tab, once the bridge has taken it. */
export function keep(key: string): void {
  sessionStorage.setItem(KEPT, key);
}

/** The bridge's word on a link or session that isn't good. */
export class SignedOut extends Error {}

function bySession(session: Session): SignedIn {
  const credential: Credential = { proof: session.proof };
  return {
    ...{ api: new Api(credential), name: session.name, rights: rightsOf(session) },
    refresh: async () => rightsOf(await enter('GET')),
    end: async () => void (await fetch(SESSION, { method: 'DELETE' })),
  };
}

function rightsOf({ operator, departments }: Session): Rights {
  const managed = new Set(departments.filter(({ level }) => level === 'manage').map(({ id }) => id));
  const seen = new Set(departments.map(({ id }) => id));
  return { operator, manages: (id) => managed.has(id), sees: (id) => seen.has(id) };
}

async function enter(method: 'GET' | 'POST', body?: unknown): Promise<Session> {
  const response = await fetch(SESSION, {
    ...{ method, cache: 'no-store' },
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return (await response.json()) as Session;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  if (response.status >= 500) throw new TypeError('The bridge is away');
  throw new SignedOut(problem.detail ?? `The bridge answered ${response.status}.`);
}
