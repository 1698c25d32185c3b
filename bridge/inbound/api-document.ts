import { z } from 'zod';
import { hookBatch, hookEvent } from './ejabberd-hooks/events.js';
import { callbackTypes } from './helpdesk-api/callback-types.js';
import { asyncApiDocument } from './http/asyncapi.js';
import { openApiDocument, type Door } from './http/openapi.js';

const TAGS = {
  visitors: 'Who is on the site.',
  chats: 'Conversations.',
  operators: 'The people who answer, and their state.',
  desks: 'Where chats enter, and who answers there.',
  outbox: 'What waits to leave, and what was given up.',
  instances: 'Tenants, for whoever hosts them.',
  callbacks: 'What a helpdesk is told.',
  hooks: 'What mod_foyer tells the bridge.',
};

const hookAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['stored', 'duplicate', 'rejected']),
      code: z.string().optional(),
      reason: z.string().optional(),
    }),
  ),
});

/** Everything that can be called at this bridge and that it calls back. */
export function apiDocument(version: string, doors: readonly Door[]): Record<string, unknown> {
  const batch = hookBatch.extend({ events: z.array(hookEvent).min(1).max(5000) });
  return openApiDocument({
    version,
    doors,
    tags: TAGS,
    callbacks: callbackTypes,
    hooks: {
      '/hooks/ejabberd': {
        summary: 'Events of operators, in order; each gets its own outcome',
        tag: 'hooks',
        body: batch,
        answer: hookAnswer,
      },
    },
  });
}

/** Everything that helpdesks are called back with. */
export function callbackDocument(version: string): Record<string, unknown> {
  return asyncApiDocument(version, callbackTypes);
}
