import { z } from 'zod';
import { mailOwnTranscript } from '../../domain/mail/request-mail.js';
import { ADDRESS_LENGTH, isMailAddress } from '../../shared/mail-address.js';
import { defineRoute, type Route } from '../http/route.js';

import type { VisitorApiDeps } from './deps.js';
import { lockOwn } from './own.js';
import { chatId, clientMessageId } from './inputs.js';
import { PAGE_KEY } from './present.js';

/** “Send me this conversation.” */
export function mailRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/mail',
    operationId: 'mailChat',
    summary:
      'Send the conversation to an e-mail address, once it is over; the same client_message_id again changes nothing',
    tag: 'chats',
    auth: { kind: 'visitor' },
    params: chatId,
    body: z.strictObject({
      email: z
        .string()
        .max(ADDRESS_LENGTH)
        .refine(isMailAddress, 'must be an e-mail address')
        .meta({ format: 'email' }),
      client_message_id: clientMessageId,
    }),
    refusals: ['not_found', 'not_permitted', 'conflict', 'mail_disabled'],
    answers: { 204: { description: 'It leaves soon, and again until the mail server has it.', schema: null } },
    handle: async ({ params, body, visitor, address }) => {
      await deps.limits.begin(address);
      await deps.transactions.alone(async (tx) =>
        mailOwnTranscript(tx, await lockOwn(tx, visitor, params.id), {
          ...{ to: body.email, senderKey: PAGE_KEY + body.client_message_id },
        }),
      );
      return { status: 204 };
    },
  });
}
