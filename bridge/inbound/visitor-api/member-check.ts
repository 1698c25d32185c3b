import type { Desk } from '../../domain/instances/instance.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { isFit } from '../../domain/visitors/member.js';
import type { SiteSessions } from '../../domain/visitors/site-session.js';
import { FoyerError } from '../../shared/errors.js';
import type { MountDeps } from '../http/mount.js';

/**
 * Whether a member is still who it was let in as. Where the site's own session says so, that is asked anew, and what it says of groups counts from now on.
 * @param cookies the header of this request
 * @throws FoyerError `identity_changed`: signed out at the site, or somebody else is in | `identity_unavailable`
 */
export async function checkMember(
  siteSessions: SiteSessions,
  { instanceId, member }: VisitorCredential,
  cookies: string,
): Promise<void> {
  if (member?.bySession !== true) return;
  const who = await siteSessions.whoIs(instanceId, cookies);
  if (who === 'refuse' || who === 'guest') throw siteIsDown();
  if (who === 'nobody' || who.externalId !== member.externalId || !who.mayChat) throw identityChanged();
  member.groups = who.groups;
}

/** For the door of pages: with each call but page views, which bring an identity along. */
export function memberGuard(siteSessions: SiteSessions): NonNullable<MountDeps['guard']> {
  return async ({ ctx, visitor }, route) => {
    if (visitor && route.path !== '/visits') await checkMember(siteSessions, visitor, ctx.get('cookie'));
  };
}

/** Whether a member may still take part in what is of this desk. @throws FoyerError `not_permitted` */
export async function checkFit(
  desks: { desk(id: number): Promise<Desk | undefined> },
  { member }: Pick<VisitorCredential, 'member'>,
  deskId: number | null,
): Promise<void> {
  const desk = member && deskId !== null ? await desks.desk(deskId) : undefined;
  if (member && desk && !isFit(desk, member))
    throw new FoyerError('not_permitted', 'This desk is for members of other groups.');
}

export function identityChanged(): FoyerError {
  return new FoyerError('identity_changed', 'The page’s token goes with somebody else: begin again.');
}

export function siteIsDown(): FoyerError {
  return new FoyerError('identity_unavailable', 'The site can’t say at the moment who is signed in. Try again.');
}
