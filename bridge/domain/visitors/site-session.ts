import type { Tx } from '../ports.js';
import type { Identity } from './member.js';

/** How the sessions of a site are read: by whom its own cookie says that a page was asked for. */
export interface SiteSessionSettings {
  /** Name of the site's cookie. */
  readonly cookie: string;
  /** Address of the site's database, with login. */
  readonly database: string;
  /** Django's own tables. Without keys the table is trusted, and a session lasts as long as its row. */
  readonly django: { readonly secretKeys: readonly string[] } | null;
  /** Who it is: for the cookie's value, or with Django for the user's id. Null: Django's own users. */
  readonly query: string | null;
  /** What becomes of a browser that isn't a member's yet while the site's database can't be asked. */
  readonly whenDown: 'refuse' | 'guest';
}

/** A member as the site has it now. */
export interface SiteMember extends Identity {
  mayChat: boolean;
}

/** Whom the site has logged in. What it says may be some seconds old. */
export interface SiteSessions {
  /**
   * @param cookies the header `Cookie` of a request
   * @returns `refuse` | `guest`: the site's database can't be asked, and that is what to make of a browser that isn't a member's yet
   */
  whoIs(instanceId: number, cookies: string): Promise<SiteMember | 'nobody' | 'refuse' | 'guest'>;
}

/** Null: the instance reads no session of its site any more. */
export async function setSiteSession(
  tx: Tx,
  instanceId: number,
  settings: SiteSessionSettings | null,
  actor: string,
): Promise<void> {
  await tx.instances.setSiteSession(instanceId, settings);
  const action = settings ? 'site_session.set' : 'site_session.remove';
  tx.audit.add({
    instanceId,
    actor,
    action,
    subject: 'identity',
    details: settings ? { cookie: settings.cookie } : {},
  });
}
