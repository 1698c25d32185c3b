import { z } from 'zod';
import { findBan } from '../../domain/bans/ban.js';
import { admissionOf } from '../../domain/hours/admission.js';
import { factsOf } from '../../domain/routing/facts.js';
import { mayBeShown, viewPage } from '../../domain/visitors/view-page.js';
import { memberOf, refuseGuest, toldBySite } from '../../domain/visitors/member.js';
import { describeVisitor, saidByPage, type Visitor } from '../../domain/visitors/visitor.js';
import { checkActive, MAIN_INSTANCE, type Desk } from '../../domain/instances/instance.js';
import type { Tx } from '../../domain/ports.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { acceptedLanguages } from '../http/accept-language.js';
import { checkDeskOrigin } from '../http/origin.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { identityToken, MEMBER_HOURS, verifyIdentity, type Verified } from './identity.js';
import { deskKey, detailsOf, visitorFields } from './inputs.js';
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
    refusals: ['not_found', 'identity_invalid', 'identity_changed', 'members_only', 'not_permitted'],
    answers: { 200: { description: 'The visitor, and the chat that it has open or had last.', schema: answer } },
    handle: async ({ body, visitor: credential, address, ctx }) => {
      const languages = acceptedLanguages(ctx.get('accept-language'));
      const details = detailsOf(body, ctx.get('user-agent'));
      const signedIn = body.identity !== undefined && body.identity !== '';
      const isNew = credential === null || (signedIn && credential.memberToken === null);
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
        const identity = signedIn
          ? await verifyIdentity(body.identity ?? '', {
              secrets: await tx.instances.identitySecrets(instance.id),
              audience: [instance.name, `${instance.name}/${desk.key}`],
              ...{ now: tx.now, goesOn: credential?.memberToken != null },
            })
          : null;
        const visitor = await visitorOf(tx, { instanceId: instance.id, desk, credential, identity });
        if (visitor === 'another') return null;
        if (token !== undefined && identity)
          await tx.visitors.addMemberToken(visitor.id, deps.hashToken(token), MEMBER_HOURS);
        else if (token !== undefined) await tx.visitors.setToken(visitor.id, deps.hashToken(token), deps.tokenDays);
        visitor.deskId = desk.id;
        const client = deps.clientOf(address);
        tx.visitors.setAddress(visitor.id, client.digests[0]);
        const who = { instanceId: instance.id, deskId: desk.id, visitorId: visitor.id, client };
        const told = identity ? toldBySite(identity, visitor) : {};
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
      if (!viewed) throw new FoyerError('identity_changed', 'The page’s token goes with somebody else: begin again.');
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
  const guestId = credential?.memberToken === null ? credential.visitorId : null;
  if (credential?.memberToken) {
    const member = await tx.visitors.lock(credential.visitorId);
    if (!identity?.mayChat || member?.externalId !== identity.externalId) {
      tx.visitors.endMemberToken(credential.memberToken);
      return 'another';
    }
    if (identity.fresh) tx.visitors.keepMemberToken(credential.memberToken, MEMBER_HOURS);
    return member;
  }
  refuseGuest(desk, identity !== null);
  if (identity?.mayChat === false) throw new FoyerError('not_permitted', 'The site doesn’t let this member chat.');
  if (identity) return memberOf(tx, identity, { instanceId, deskId: desk.id, guestId });
  const guest =
    guestId === null
      ? await tx.visitors.create({ instanceId, deskId: desk.id, externalId: null })
      : await tx.visitors.lock(guestId);
  if (!guest) throw new FoyerError('token_invalid', 'The visitor is gone.');
  return guest;
}
