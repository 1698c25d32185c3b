import { z } from 'zod';
import { findBan } from '../../domain/bans/ban.js';
import { admissionOf } from '../../domain/hours/admission.js';
import { factsOf } from '../../domain/routing/facts.js';
import { mayBeShown, viewPage } from '../../domain/visitors/view-page.js';
import { describeVisitor } from '../../domain/visitors/visitor.js';
import { checkActive, MAIN_INSTANCE } from '../../domain/instances/instance.js';
import { FoyerError } from '../../shared/errors.js';
import { acceptedLanguages } from '../http/accept-language.js';
import { checkDeskOrigin } from '../http/origin.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { deskKey, detailsOf, visitorFields } from './inputs.js';
import { chatShape, presentChat, presentVisitedDesk, visitedDeskShape } from './present.js';

/** Random bytes of a visitor token. */
const TOKEN_BYTES = 32;

const answer = z.object({
  token: z.string().optional().meta({ description: 'Only for a visitor who is new: keep it, it is not shown again.' }),
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
    body: z.strictObject({ desk: deskKey, instance: z.string().max(32).default(MAIN_INSTANCE), ...visitorFields }),
    refusals: ['not_found'],
    answers: { 200: { description: 'The visitor, and the chat that it has open or had last.', schema: answer } },
    handle: async ({ body, visitor: credential, address, ctx }) => {
      const languages = acceptedLanguages(ctx.get('accept-language'));
      const details = detailsOf(body, ctx.get('user-agent'));
      const token = credential ? undefined : deps.ids.secret(TOKEN_BYTES);
      if (token !== undefined) await deps.limits.begin(address);
      const { visitorId, desk } = await deps.transactions.alone(async (tx) => {
        const instance = credential
          ? await tx.instances.get(credential.instanceId)
          : await tx.instances.byName(body.instance);
        const desk = instance && (await tx.instances.deskByKey(instance.id, body.desk));
        if (!instance || !desk) throw new FoyerError('not_found', 'There is no such desk.');
        checkActive(instance);
        checkDeskOrigin(desk, ctx.get('origin'), deps.ownOrigins);
        const visitor = credential
          ? await tx.visitors.lock(credential.visitorId)
          : await tx.visitors.create({ instanceId: instance.id, deskId: desk.id, externalId: null });
        if (!visitor) throw new FoyerError('token_invalid', 'The visitor is gone.');
        if (token !== undefined) await tx.visitors.setToken(visitor.id, deps.hashToken(token), deps.tokenDays);
        visitor.deskId = desk.id;
        const client = deps.clientOf(address);
        tx.visitors.setAddress(visitor.id, client.digests[0]);
        const who = { instanceId: instance.id, deskId: desk.id, visitorId: visitor.id, client };
        // Nobody's contact: operators are not to see who may not speak to them.
        if (await findBan(tx, who)) {
          const viewer = { ...visitor };
          describeVisitor(viewer, details);
          const facts = factsOf(viewer, { languages });
          return {
            visitorId: visitor.id,
            desk: presentVisitedDesk(desk, 'banned', viewer, { facts, mail: deps.mail }),
          };
        }
        // The page goes on where no more visitors may be shown: its visitor can still begin a chat.
        if (await mayBeShown(tx, instance, visitor))
          await viewPage(tx, instance, visitor, details, deps.hardTimeoutSeconds);
        else describeVisitor(visitor, details);
        const facts = factsOf(visitor, { languages });
        const admission = await admissionOf(tx, desk, facts);
        return {
          visitorId: visitor.id,
          desk: presentVisitedDesk(desk, admission, visitor, { facts, mail: deps.mail }),
        };
      });
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
