import { z } from 'zod';
import { greet } from '../../domain/desks/page-view.js';
import type { VisitorCredential } from '../../domain/reads.js';
import { FoyerError } from '../../shared/errors.js';
import { checkDeskOrigin } from '../http/origin.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { deskKey, questionKey } from './inputs.js';

/** A page is about to greet its visitor. */
export function greetVisitorRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/greetings',
    operationId: 'greetVisitor',
    summary: 'The visitor has looked at the page for long enough to be greeted: gives the words to one page, once',
    tag: 'visitors',
    auth: { kind: 'visitor' },
    body: z.strictObject({
      desk: deskKey,
      name: questionKey.meta({ description: 'As the page view’s `desk.greeting` calls it.' }),
    }),
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'Null: the visitor chats, was greeted already, or the desk has no such greeting any more.',
        schema: z.object({ text: z.string().nullable() }),
      },
    },
    handle: async ({ body, visitor: credential, ctx }) => {
      const { visitorId, instanceId } = credential as VisitorCredential;
      const text = await deps.transactions.alone(async (tx) => {
        const desk = await tx.instances.deskByKey(instanceId, body.desk);
        const visitor = await tx.visitors.lock(visitorId);
        if (!desk || !visitor) throw new FoyerError('not_found', 'There is no such desk.');
        checkDeskOrigin(desk, ctx.get('origin'), deps.ownOrigins);
        return greet(tx, desk, visitor, body.name);
      });
      return { status: 200, body: { text } };
    },
  });
}
