import { z } from 'zod';
import { refuseBanned } from '../../domain/bans/ban.js';
import { leaveMessage } from '../../domain/offline/offline-message.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { refuseUnfit } from '../../domain/visitors/member.js';
import { describeVisitor } from '../../domain/visitors/visitor.js';
import { FoyerError } from '../../shared/errors.js';
import { acceptedLanguages } from '../http/accept-language.js';
import { checkDeskOrigin } from '../http/origin.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { VisitorApiDeps } from './deps.js';
import {
  chosenDepartment,
  clientMessageId,
  deskKey,
  detailsOf,
  email,
  line,
  messageText,
  visitorFields,
} from './inputs.js';

/** The form of a desk that is closed. */
export function leaveMessageRoute(deps: VisitorApiDeps): Route {
  const { language, page } = visitorFields;
  return defineRoute({
    method: 'post',
    path: '/offline-messages',
    operationId: 'leaveMessage',
    summary: 'Leave words at a desk that is closed; the same client_message_id again changes nothing',
    tag: 'chats',
    auth: { kind: 'visitor' },
    body: z.strictObject({
      desk: deskKey,
      name: line(100).refine((text) => text !== '', 'must not be empty'),
      email,
      text: messageText,
      client_message_id: clientMessageId,
      department: chosenDepartment.optional(),
      ...{ language, page },
    }),
    refusals: ['not_found', 'banned', 'members_only', 'not_permitted', 'message_too_long', 'invalid_request'],
    answers: {
      201: {
        description: 'Stored. It is answered by e-mail.',
        schema: z.object({ offline_message: z.object({ id: z.int(), created_at: time }) }),
      },
    },
    handle: async ({ body, visitor: credential, address, ctx }) => {
      const { visitorId, instanceId, member } = credential as VisitorCredential;
      await deps.limits.begin(address);
      const message = await deps.transactions.alone(async (tx) => {
        const instance = await tx.instances.get(instanceId);
        const desk = await tx.instances.deskByKey(instanceId, body.desk);
        const visitor = await tx.visitors.lock(visitorId);
        if (!desk || !visitor) throw new FoyerError('not_found', 'There is no such desk.');
        checkDeskOrigin(desk, ctx.get('origin'), deps.ownOrigins);
        await refuseBanned(tx, { instanceId, deskId: desk.id, visitorId, client: deps.clientOf(address) });
        refuseUnfit(desk, visitor.member ? (member ?? visitor) : null);
        const { language, page } = body;
        describeVisitor(visitor, detailsOf({ language, page }, ctx.get('user-agent')));
        const { text, client_message_id: clientId } = body;
        const name = (visitor.member && visitor.nick) || body.name;
        const email = (visitor.member && visitor.email) || body.email;
        const mostBytes = deps.chatLimits.messageBytes;
        const wishes = { languages: acceptedLanguages(ctx.get('accept-language')), department: body.department };
        return leaveMessage(tx, { instance, desk, visitor, name, email, text, clientId, mostBytes, wishes });
      });
      return {
        status: 201,
        body: { offline_message: { id: message.id, created_at: message.createdAt.toISOString() } },
      };
    },
  });
}
