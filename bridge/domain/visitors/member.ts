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
  /** Groups that it is in, and what it may do there, by the site's names. */
  groups: readonly string[];
}

/**
 * The visitor that somebody is on every device. A guest who chats when it signs in becomes that member together with its chat, unless the member is known
 * already or the desk doesn't want it: then the guest stays behind. What the site says of it is for `describeVisitor` to take over.
 * @param guestId who the browser was until now
 */
export async function memberOf(
  tx: Tx,
  { externalId }: Identity,
  { instanceId, desk, guestId }: { instanceId: number; desk: Desk; guestId: number | null },
): Promise<Visitor> {
  const visitor =
    (await tx.visitors.byExternalId(instanceId, externalId)) ??
    (await signedIn(tx, desk.keepGuestChat ? guestId : null)) ??
    (await tx.visitors.create({ instanceId, deskId: desk.id, externalId }));
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

/**
 * For `describeVisitor`.
 * @param wanted groups that a desk asks for: the others are nobody's business here
 */
export function toldBySite(
  { nick, email, custom, groups }: Identity,
  { member }: Visitor,
  wanted: ReadonlySet<string>,
): VisitorDetails {
  const known = groups.filter((group) => wanted.has(group));
  // A guest's own words don't become the site's.
  return { nick, email, custom: custom ?? (member ? undefined : {}), groups: known, member: true };
}

/** @param member null: a guest @throws FoyerError `members_only` | `not_permitted` */
export function refuseUnfit(desk: Desk, member: Pick<Identity, 'groups'> | null): void {
  if (desk.who === 'members' && member === null)
    throw new FoyerError('members_only', 'This desk is for visitors who are signed in at the site.');
  if (member !== null && !isFit(desk, member))
    throw new FoyerError('not_permitted', 'This desk is for members of other groups.');
}

/** Whether a member may chat at this desk. */
export function isFit({ memberGroups }: Desk, { groups }: Pick<Identity, 'groups'>): boolean {
  return memberGroups.length === 0 || memberGroups.some((group) => groups.includes(group));
}
