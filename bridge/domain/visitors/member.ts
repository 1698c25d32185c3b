import { FoyerError } from '../../shared/errors.js';
import type { Desk } from '../instances/instance.js';
import type { Tx } from '../ports.js';
import type { Visitor, VisitorDetails } from './visitor.js';

/** Who the site says that a visitor is. */
export interface Identity {
  /** The site's own id of the person. */
  externalId: string;
  nick: string | null;
  email: string | null;
  /** Undefined: the site doesn't say; what it said before stays. */
  custom: Readonly<Record<string, string>> | undefined;
}

/**
 * The visitor that somebody is on every device. A guest who chats when it signs in becomes that member together with its chat, unless the member is known
 * already: then the guest stays behind. What the site says of it is for `describeVisitor` to take over.
 * @param guestId who the browser was until now
 */
export async function memberOf(
  tx: Tx,
  { externalId }: Identity,
  { instanceId, deskId, guestId }: { instanceId: number; deskId: number; guestId: number | null },
): Promise<Visitor> {
  const visitor =
    (await tx.visitors.byExternalId(instanceId, externalId)) ??
    (await signedIn(tx, guestId)) ??
    (await tx.visitors.create({ instanceId, deskId, externalId }));
  visitor.externalId = externalId;
  return visitor;
}

async function signedIn(tx: Tx, guestId: number | null): Promise<Visitor | undefined> {
  const guest = guestId === null ? undefined : await tx.visitors.lock(guestId);
  if (guest?.externalId !== null || guest.openChatId === null) return undefined;
  // Once the member signs out, nobody is to get back in by what the browser had before.
  tx.visitors.revokeToken(guest.id);
  return guest;
}

/** For `describeVisitor`. */
export function toldBySite({ nick, email, custom }: Identity, { member }: Visitor): VisitorDetails {
  // A guest's own words don't become the site's.
  return { nick, email, custom: custom ?? (member ? undefined : {}), member: true };
}

/** @throws FoyerError `members_only` */
export function refuseGuest({ who }: Desk, isMember: boolean): void {
  if (who === 'members' && !isMember)
    throw new FoyerError('members_only', 'This desk is for visitors who are signed in at the site.');
}
