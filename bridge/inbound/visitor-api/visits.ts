import type { Context } from 'koa';
import { z } from 'zod';
import { findBan } from '../../domain/bans/ban.js';
import { admissionOf } from '../../domain/hours/admission.js';
import { factsOf } from '../../domain/routing/facts.js';
import { mayBeShown, viewPage } from '../../domain/visitors/view-page.js';
import { isFit, memberOf, refuseUnfit, toldBySite } from '../../domain/visitors/member.js';
import { describeVisitor, saidByPage, type Visitor } from '../../domain/visitors/visitor.js';
import type { MemberToken } from '../../domain/visitors/visitor-store.js';
import { checkActive, MAIN_INSTANCE, type Desk } from '../../domain/instances/instance.js';
import type { Tx } from '../../domain/ports.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { acceptedLanguages } from '../http/accept-language.js';
import { checkDeskOrigin, isNamedOrigin } from '../http/origin.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { BY_SESSION, identityToken, MEMBER_HOURS, verifyIdentity, type Verified } from './identity.js';
import { deskKey, detailsOf, visitorFields } from './inputs.js';
import { identityChanged, siteIsDown } from './member-check.js';
import { chatShape, presentChat, presentVisitedDesk, visitedDeskShape } from './present.js';

/** Random bytes of a visitor token. */
const TOKEN_BYTES = 32;

const answer = z.object({
  token: z
    .string()
    .optional()
    .meta({ description: 'Only for a browser that is new to this visitor: keep it, it is not shown again.' }),
  visitor: z.object({ id: z.int() }),
  desk: visitedDeskShape,
  chat: chatShape.nullable(),
  hard_timeout_seconds: z.int(),
});

/** A page view: makes a visitor of whoever has no token, and keeps it online. */
export function visitsRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/visits',
    operationId: 'viewPage',
    summary: 'A page was viewed; the visitor is online from now on until the hard timeout',
    tag: 'visitors',
    auth: { kind: 'visitor', optional: true },
    body: z.strictObject({
      desk: deskKey,
      instance: z.string().max(32).default(MAIN_INSTANCE),
      identity: identityToken.optional(),
      ...visitorFields,
    }),
    refusals: [
      'not_found',
      'identity_invalid',
      'identity_changed',
      'members_only',
      'not_permitted',
      'identity_unavailable',
    ],
    answers: { 200: { description: 'The visitor, and the chat that it has open or had last.', schema: answer } },
    handle: async ({ body, visitor: credential, address, ctx }) => {
      const languages = acceptedLanguages(ctx.get('accept-language'));
      const details = detailsOf(body, ctx.get('user-agent'));
      const instanceId = credential?.instanceId ?? (await deps.reads.instanceByName(body.instance))?.id;
      const desks = instanceId === undefined ? [] : await deps.reads.desks(instanceId);
      const wanted = new Set(desks.flatMap(({ memberGroups }) => memberGroups));
      const ofSite = desks.find(({ key }) => key === body.desk);
      const inSession = body.identity === BY_SESSION && ofSite ? await bySession(deps, ofSite, credential, ctx) : null;
      const jwt = body.identity === BY_SESSION ? '' : (body.identity ?? '');
      const signedIn = inSession !== null || jwt !== '';
      const isNew = credential === null || (signedIn && credential.member === null);
      const token = isNew ? deps.ids.secret(TOKEN_BYTES) : undefined;
      if (token !== undefined) await deps.limits.begin(address);
      const viewed = await deps.transactions.alone(async (tx) => {
        const instance = credential
          ? await tx.instances.get(credential.instanceId)
          : await tx.instances.byName(body.instance);
        const desk = instance && (await tx.instances.deskByKey(instance.id, body.desk));
        if (!instance || !desk) throw new FoyerError('not_found', 'There is no such desk.');
        checkActive(instance);
        checkDeskOrigin(desk, ctx.get('origin'), deps.ownOrigins);
        const identity =
          jwt === ''
            ? inSession
            : await verifyIdentity(jwt, {
                secrets: await tx.instances.identitySecrets(instance.id),
                audience: [instance.name, `${instance.name}/${desk.key}`],
                ...{ now: tx.now, goesOn: credential?.member != null },
              });
        const visitor = await visitorOf(tx, { instanceId: instance.id, desk, credential, identity });
        if (visitor === 'another') return null;
        if (token !== undefined && identity)
          await tx.visitors.addMemberToken(visitor.id, deps.hashToken(token), memberToken(identity));
        else if (token !== undefined) await tx.visitors.setToken(visitor.id, deps.hashToken(token), deps.tokenDays);
        visitor.deskId = desk.id;
        const client = deps.clientOf(address);
        tx.visitors.setAddress(visitor.id, client.digests[0]);
        const who = { instanceId: instance.id, deskId: desk.id, visitorId: visitor.id, client };
        const told = identity ? toldBySite(identity, visitor, wanted) : {};
        // Nobody's contact: operators are not to see who may not speak to them.
        if (await findBan(tx, who)) {
          describeVisitor(visitor, told);
          const viewer = { ...visitor };
          describeVisitor(viewer, saidByPage(viewer, details));
          const facts = factsOf(viewer, { languages });
          return {
            visitorId: visitor.id,
            desk: presentVisitedDesk(desk, 'banned', viewer, { facts, mail: deps.mail }),
          };
        }
        const known = { ...saidByPage(visitor, details), ...told };
        // The page goes on where no more visitors may be shown: its visitor can still begin a chat.
        if (await mayBeShown(tx, instance, visitor))
          await viewPage(tx, instance, visitor, known, deps.hardTimeoutSeconds);
        else describeVisitor(visitor, known);
        const facts = factsOf(visitor, { languages });
        const admission = await admissionOf(tx, desk, facts);
        return {
          visitorId: visitor.id,
          desk: presentVisitedDesk(desk, admission, visitor, { facts, mail: deps.mail }),
        };
      });
      // After the commit, by which the token of that browser is gone.
      if (!viewed) throw identityChanged();
      const { visitorId, desk } = viewed;
      const chat = await deps.reads.currentChat(visitorId);
      return {
        status: 200,
        body: {
          ...(token === undefined ? {} : { token }),
          visitor: { id: visitorId },
          desk,
          chat: chat ? await presentChat(deps.reads, chat) : null,
          hard_timeout_seconds: deps.hardTimeoutSeconds,
        },
      };
    },
  });
}

/**
 * Whom the site has logged in in this browser; null: nobody. The cookie counts only on pages of a site that the desk names.
 * @throws FoyerError `identity_unavailable`
 */
async function bySession(
  { siteSessions, ownOrigins }: VisitorApiDeps,
  desk: Desk,
  credential: VisitorCredential | null,
  ctx: Context,
): Promise<Verified | null> {
  if (!isNamedOrigin(desk, ctx.get('origin'), ownOrigins)) return null;
  const who = await siteSessions.whoIs(desk.instanceId, ctx.get('cookie'));
  if (who === 'refuse' || (who === 'guest' && credential?.member)) throw siteIsDown();
  return typeof who === 'string' ? null : { ...who, fresh: true, bySession: true };
}

function memberToken({ bySession }: Verified): MemberToken {
  return { hours: MEMBER_HOURS, bySession };
}

interface Viewer {
  instanceId: number;
  desk: Desk;
  credential: VisitorCredential | null;
  identity: Verified | null;
}

/**
 * Who looks at the page; locked. @returns `another`: the site says that the member has signed out in this browser, or that it is somebody else now or may not chat any more, and the
 * token is taken back @throws FoyerError `members_only` | `not_permitted` | `token_invalid`
 */
async function visitorOf(tx: Tx, { instanceId, desk, credential, identity }: Viewer): Promise<Visitor | 'another'> {
  const known = credential?.member;
  const guestId = credential && !known ? credential.visitorId : null;
  if (credential && known) {
    const member = await tx.visitors.lock(credential.visitorId);
    if (!identity?.mayChat || !isFit(desk, identity) || member?.externalId !== identity.externalId) {
      tx.visitors.endMemberToken(known.tokenHash);
      return 'another';
    }
    if (identity.fresh) tx.visitors.keepMemberToken(known.tokenHash, memberToken(identity));
    return member;
  }
  if (identity?.mayChat === false) throw new FoyerError('not_permitted', 'The site doesn’t let this member chat.');
  refuseUnfit(desk, identity);
  if (identity) return memberOf(tx, identity, { instanceId, desk, guestId });
  const guest =
    guestId === null
      ? await tx.visitors.create({ instanceId, deskId: desk.id, externalId: null })
      : await tx.visitors.lock(guestId);
  if (!guest) throw new FoyerError('token_invalid', 'The visitor is gone.');
  return guest;
}
