import { z } from 'zod';
import { findBan } from '../../domain/bans/ban.js';
import { admissionOf } from '../../domain/hours/admission.js';
import { checkActive, MAIN_INSTANCE } from '../../domain/instances/instance.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import type { VisitorApiDeps } from './deps.js';
import { deskKey, languageTag } from './inputs.js';
import { deskShape, presentDesk } from './present.js';

/** What anybody may know of a desk: its name, texts, and whether it takes chats. */
export function deskRoute(deps: VisitorApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/desks/:key',
    operationId: 'getDesk',
    summary: 'A desk’s name, texts and state',
    tag: 'desks',
    auth: { kind: 'none' },
    params: z.object({ key: deskKey }),
    query: z.strictObject({
      instance: z.string().max(32).default(MAIN_INSTANCE),
      language: languageTag.default('en').meta({ description: 'Of the texts, where the desk has them in it.' }),
    }),
    refusals: ['not_found', 'instance_suspended'],
    answers: { 200: { description: 'The desk.', schema: deskShape } },
    handle: async ({ params, query, address }) => {
      const instance = await deps.reads.instanceByName(query.instance);
      const desk = instance && (await deps.reads.deskByKey(instance.id, params.key));
      if (!instance || !desk) throw new FoyerError('not_found', 'There is no such desk.');
      checkActive(instance);
      const client = deps.clientOf(address);
      const admission = await deps.transactions.alone(async (tx) =>
        (await findBan(tx, { instanceId: instance.id, deskId: desk.id, visitorId: null, client }))
          ? 'banned'
          : admissionOf(tx, desk),
      );
      return { status: 200, body: presentDesk(desk, admission, { mail: deps.mail, wanted: query.language }) };
    },
  });
}
