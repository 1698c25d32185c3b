import { z } from 'zod';
import { refuseBanned, type Client } from '../../domain/bans/ban.js';
import { isOpen } from '../../domain/chats/chat.js';
import { postVisitorMessage } from '../../domain/chats/post-visitor-message.js';
import { startChat } from '../../domain/chats/start-chat.js';
import { checkAnswers, type Answered, type GivenAnswers } from '../../domain/desks/question.js';
import type { Desk } from '../../domain/instances/instance.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { refuseUnfit } from '../../domain/visitors/member.js';
import { describeVisitor, saidByPage, type Visitor, type VisitorDetails } from '../../domain/visitors/visitor.js';
import { viewPage } from '../../domain/visitors/view-page.js';
import { FoyerError } from '../../shared/errors.js';
import { acceptedLanguages } from '../http/accept-language.js';
import { checkDeskOrigin } from '../http/origin.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import {
  chosenDepartment,
  clientMessageId,
  deskKey,
  detailsOf,
  givenAnswers,
  messageText,
  visitorFields,
} from './inputs.js';
import { PAGE_KEY, chatShape, messageShape, presentChat, presentMessage } from './present.js';

export function startChatRoute(deps: VisitorApiDeps): Route {
  const answer = z.object({ chat: chatShape, message: messageShape.nullable() });
  return defineRoute({
    method: 'post',
    path: '/chats',
    operationId: 'startChat',
    begins: true,
    summary: 'Begin a chat, or go on in the one that is open',
    tag: 'chats',
    auth: { kind: 'visitor' },
    body: z.strictObject({
      desk: deskKey,
      text: messageText.optional(),
      client_message_id: clientMessageId.optional(),
      department: chosenDepartment.optional(),
      answers: givenAnswers.default({}),
      ...visitorFields,
    }),
    refusals: [
      'not_found',
      'banned',
      'members_only',
      'not_permitted',
      'desk_closed',
      'desk_inactive',
      'answers_refused',
      'message_too_long',
      'chat_full',
    ],
    answers: {
      201: { description: 'A new chat.', schema: answer },
      200: { description: 'The chat that the visitor had open.', schema: answer },
    },
    handle: async ({ body, visitor: credential, address, ctx }) => {
      const { visitorId, instanceId, member } = credential as VisitorCredential;
      const client = deps.clientOf(address);
      const admitted = await admit(deps, visitorId, address, client);
      const { chat, created, message } = await deps.transactions
        .alone(async (tx) => {
          const instance = await tx.instances.get(instanceId);
          const desk = await tx.instances.deskByKey(instanceId, body.desk);
          const visitor = await tx.visitors.lock(visitorId);
          if (!desk || !visitor) throw new FoyerError('not_found', 'There is no such desk.');
          checkDeskOrigin(desk, ctx.get('origin'), deps.ownOrigins);
          await refuseBanned(tx, { instanceId, deskId: desk.id, visitorId, client });
          refuseUnfit(desk, visitor.member ? (member ?? visitor) : null);
          const details = saidByPage(visitor, detailsOf(body, ctx.get('user-agent')));
          const current = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
          // Where a chat is open already this is a repeat, or goes on in it: nothing is asked.
          const answered = current && isOpen(current) ? undefined : takeAnswers(desk, visitor, details, body.answers);
          const { nick, email } = details;
          const known = { ...details, ...answered?.details, ...(visitor.member ? { nick, email } : {}) };
          await viewPage(tx, instance, visitor, known, deps.hardTimeoutSeconds);
          const { chat, created } = await startChat(tx, {
            instance,
            desk,
            visitor,
            initiator: 'visitor',
            knownVisitor: true,
            wishes: { languages: acceptedLanguages(ctx.get('accept-language')), department: body.department },
            client,
            ...(answered ? { answered } : {}),
          });
          const key = PAGE_KEY + (body.client_message_id ?? tx.newId());
          const message =
            body.text === undefined ? null : await postVisitorMessage(tx, deps.chatLimits, chat, body.text, key);
          return { chat, created, message };
        })
        .finally(admitted);
      return {
        status: created ? 201 : 200,
        body: {
          chat: await presentChat(deps.reads, chat),
          message: message && (await presentMessage(deps.reads, message)),
        },
      };
    },
  });
}

/** @throws FoyerError `answers_refused` | `desk_inactive`: then nothing that was answered matters */
function takeAnswers(desk: Desk, visitor: Visitor, details: VisitorDetails, given: GivenAnswers): Answered {
  if (desk.state !== 'active') throw new FoyerError('desk_inactive', 'This desk is out of use.');
  const known = { ...visitor };
  describeVisitor(known, details);
  return checkAnswers(desk.widget.questions, known, given);
}

/**
 * Lets a visitor begin a chat as far as its address and all pages together may; whoever has one open goes on in that at any time.
 * @returns call it when the chat is in the record, or won't come there
 */
async function admit({ reads, limits }: VisitorApiDeps, visitorId: number, address: string, client: Client) {
  const current = await reads.currentChat(visitorId);
  if (current && isOpen(current)) return () => undefined;
  await limits.begin(address);
  return limits.chat(address, () => reads.openChatsOf(client.digests[0]));
}
