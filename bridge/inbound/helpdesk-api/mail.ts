import { z } from 'zod';
import { mailTranscript } from '../../domain/mail/request-mail.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { idParam, mailAddress } from './inputs.js';
import { actorOf, keyOf, lockChat } from './own.js';

export function mailTranscriptRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/transcript/mail',
    operationId: 'mailTranscript',
    summary: 'Send what was said in a chat to an e-mail address; never its notes and tags',
    tag: 'transcripts',
    auth: { kind: 'key', scope: 'chats' },
    idempotencyKey: true,
    params: idParam,
    body: z.strictObject({ email: mailAddress }),
    refusals: ['not_found', 'conflict', 'mail_disabled'],
    answers: {
      202: {
        description: 'It leaves soon, and again until the mail server has it; `lane` is where it waits.',
        schema: z.object({ lane: z.string() }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      return once(deps.transactions, request, async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const lane = await mailTranscript(tx, chat, { to: request.body.email, senderKey: `h:${tx.newId()}` });
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor: actorOf(key), action: 'chat.mail', subject: `chat:${chat.id}` },
        });
        return { status: 202, body: { lane } };
      });
    },
  });
}
