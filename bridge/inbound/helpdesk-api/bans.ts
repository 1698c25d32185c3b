import { z } from 'zod';
import {
  BAN_SECONDS_AT_MOST,
  REASON_LENGTH,
  banNetwork,
  banVisitor,
  liftBan,
  type Ban,
} from '../../domain/bans/ban.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import type { Visitor } from '../../domain/visitors/visitor.js';
import { FoyerError } from '../../shared/errors.js';
import { normalNetwork } from '../http/client-address.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { line } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { deskKeyField, externalId, id, idNumber, idParam, limit } from './inputs.js';
import { actorOf, departmentsOf, findOrMakeVisitor, keyOf, lockChat } from './own.js';

const BANS_AT_ONCE = 100;

const shape = z
  .object({
    id: z.int(),
    desk: z.int().nullable().meta({ description: 'Id of the only desk where it holds; null: all of them.' }),
    visitor: z.int().nullable().meta({ description: 'Foyer’s own id of the visitor.' }),
    address: z.boolean().meta({ description: 'Whoever comes from the visitor’s last address is banned too.' }),
    network: z.string().nullable(),
    reason: z.string(),
    actor: z.string().meta({ description: 'Who did it: operator:3, key:2 or cli.' }),
    created_at: time,
    expires_at: time.nullable().meta({ description: 'Null: for good.' }),
  })
  .meta({ id: 'Ban', description: 'Somebody may not chat; neither why nor by whom is told there.' });

const listedShape = shape
  .extend({ nick: z.string().nullable().meta({ description: 'What the visitor calls itself.' }) })
  .meta({ id: 'ListedBan', description: 'A ban with the visitor’s name.' });

/** A range that many share by accident is a slip, not a ban. */
const SHORTEST = { ipv4: 8, ipv6: 16 } as const;

export const networkField = z
  .string()
  .max(60)
  .transform((text, context) => {
    const network = normalNetwork(text.trim());
    const bits = Number(network?.split('/')[1]);
    if (network !== null && bits >= SHORTEST[network.includes(':') ? 'ipv6' : 'ipv4']) return network;
    context.addIssue({
      code: 'custom',
      message: 'must be an address or a range such as 203.0.113.0/24, /8 (IPv6: /16) at least',
    });
    return z.NEVER;
  });

const term = z
  .int()
  .min(1)
  .max(BAN_SECONDS_AT_MOST)
  .nullable()
  .default(null)
  .meta({ description: 'How long; null: for good.' });

const body = z
  .strictObject({
    visitor: id.optional().meta({ description: 'Foyer’s own id, of visitors of its pages too.' }),
    external_id: externalId.optional(),
    network: networkField.optional().meta({ description: 'An address or a range of them. It is kept as it is.' }),
    desk: deskKeyField.optional().meta({ description: 'Only at this desk.' }),
    seconds: term,
    reason: line(REASON_LENGTH).default(''),
  })
  .refine(
    ({ visitor, external_id: external, network }) =>
      [visitor, external, network].filter((one) => one !== undefined).length === 1,
    { message: 'must name one of visitor, external_id and network', path: ['visitor'] },
  );

export function listBansRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/bans',
    operationId: 'listBans',
    summary: 'Bans that hold, newest first',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    query: z.strictObject({
      before: idNumber.optional().meta({ description: 'Only bans with a lower id: the next page.' }),
      limit: limit(BANS_AT_ONCE, 50),
    }),
    answers: {
      200: { description: 'One page.', schema: z.object({ bans: z.array(listedShape), more: z.boolean() }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { before, limit } = request.query;
      const departmentIds = managedDepartments(key);
      const found = await deps.helpdeskReads.bans(key.instanceId, { before, limit: limit + 1, departmentIds });
      const bans = found.slice(0, limit).map((ban) => ({ ...present(ban), nick: ban.nick }));
      return { status: 200, body: { bans, more: found.length > limit } };
    },
  });
}

export function createBanRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/bans',
    operationId: 'createBan',
    summary:
      'Keep a visitor, with its address, or a range of addresses from chatting; an open chat of the visitor is closed',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    idempotencyKey: true,
    body,
    refusals: ['not_found', 'conflict'],
    answers: {
      201: { description: 'The ban. Pages notice within a second or two.', schema: z.object({ ban: shape }) },
    },
    handle: (request) =>
      once(deps.transactions, request, async (tx) => ({
        status: 201,
        body: { ban: present(await create(tx, keyOf(request), request.body)) },
      })),
  });
}

export function deleteBanRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/bans/:id',
    operationId: 'deleteBan',
    summary: 'Lift a ban',
    tag: 'visitors',
    auth: { kind: 'key', scope: 'visitors' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'It holds no longer.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        await checkLift(tx, key, request.params.id);
        await liftBan(tx, key.instanceId, request.params.id, actorOf(key));
      });
      return { status: 204 };
    },
  });
}

export function banChatRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/chats/:id/ban',
    operationId: 'banChatVisitor',
    summary: 'Keep the visitor of a chat, with its address, from chatting; its open chat is closed',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({
      ...{ seconds: term, reason: line(REASON_LENGTH).default('') },
      everywhere: z.boolean().default(true).meta({ description: 'False: only at the desk of this chat.' }),
    }),
    idempotencyKey: true,
    refusals: ['not_found', 'conflict'],
    answers: {
      201: { description: 'The ban. Pages notice within a second or two.', schema: z.object({ ban: shape }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { seconds, reason, everywhere } = request.body;
      return once(deps.transactions, request, async (tx) => {
        const chat = await lockChat(tx, key, request.params.id);
        const visitor = await tx.visitors.lock(chat.visitorId);
        if (!visitor || visitor.erased) throw new FoyerError('not_found', 'There is no such visitor.');
        if (!everywhere && chat.deskId === null)
          throw new FoyerError('conflict', 'This chat came to no desk; ban its visitor everywhere.');
        const deskId = everywhere ? null : chat.deskId;
        const ban = await banVisitor(tx, visitor, { deskId, seconds, reason, actor: actorOf(key), by: 'helpdesk' });
        return { status: 201, body: { ban: present(ban) } };
      });
    },
  });
}

/** Ids of the departments that a supervisor manages: bans are for those who manage one at least. Undefined: all. */
function managedDepartments(key: KeyCredential): number[] | undefined {
  const managed = departmentsOf(key, 'manage');
  if (managed?.length === 0) throw new FoyerError('forbidden', 'Bans take the level manage in a department.');
  return managed;
}

/** A ban of one desk is for those who manage that desk's department. */
async function checkLift(tx: Tx, key: KeyCredential, id: number): Promise<void> {
  const managed = managedDepartments(key);
  const ban = managed && (await tx.bans.get(key.instanceId, id));
  const desk = ban && ban.deskId !== null ? await tx.instances.desk(ban.deskId) : undefined;
  if (desk && managed?.includes(desk.departmentId) !== true) throw new FoyerError('not_found', 'There is no such ban.');
}

async function create(tx: Tx, key: KeyCredential, given: z.output<typeof body>): Promise<Ban> {
  const { desk: deskName, network, seconds, reason } = given;
  const desk = deskName === undefined ? undefined : await tx.instances.deskByKey(key.instanceId, deskName);
  if (deskName !== undefined && !desk) throw new FoyerError('not_found', 'There is no such desk.');
  const ban = { deskId: desk?.id ?? null, seconds, reason, actor: actorOf(key) };
  if (network !== undefined) return banNetwork(tx, key.instanceId, network, ban);
  return banVisitor(tx, await visitorOf(tx, key, given), { ...ban, by: 'helpdesk' });
}

/** A helpdesk may ban whom Foyer hasn't met yet. */
async function visitorOf(tx: Tx, { instanceId }: KeyCredential, given: z.output<typeof body>): Promise<Visitor> {
  if (given.external_id !== undefined) return findOrMakeVisitor(tx, instanceId, given.external_id, null);
  const visitor = await tx.visitors.lock(given.visitor as number);
  if (visitor?.instanceId !== instanceId) throw new FoyerError('not_found', 'There is no such visitor.');
  return visitor;
}

function present(ban: Ban): z.infer<typeof shape> {
  const { id, deskId, visitorId, address, network, reason, actor, createdAt, expiresAt } = ban;
  return {
    ...{ id, desk: deskId, visitor: visitorId, address: address !== null, network, reason, actor },
    created_at: createdAt.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
