import { z } from 'zod';
import { BAN_SECONDS_AT_MOST, REASON_LENGTH } from '../../domain/bans/ban.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import {
  banOperator,
  kickOperator,
  putVisitorOut,
  unbanOperator,
  whoIs,
  type PutOut,
} from '../../domain/rooms/put-out.js';
import { isOpenRoom, type Room } from '../../domain/rooms/room.js';
import type { RoomBan } from '../../domain/rooms/store.js';
import { FoyerError } from '../../shared/errors.js';
import { bareJid } from '../../shared/jid.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import { line } from '../visitor-api/inputs.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { id, idNumber, idParam } from './inputs.js';
import { activeOperator, actorOf, keyOf } from './own.js';

const shape = z
  .object({
    id: z.int(),
    operator_id: z.int(),
    reason: z.string(),
    actor: z.string().meta({ description: 'Who did it: operator:3, key:2, or ejabberd.' }),
    created_at: time,
    expires_at: time.nullable().meta({ description: 'Null: for as long as there is the room.' }),
  })
  .meta({ id: 'RoomBan', description: 'An operator may not come back into a room.' });
const reason = line(REASON_LENGTH).default('');

export function kickRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/rooms/:id/kick',
    operationId: 'kickFromRoom',
    summary: 'Put somebody out of a room, who may come back; a visitor’s chat is over then',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({
      nick: z.string().min(1).max(1023).meta({ description: 'As `occupants` of the room have it.' }),
      reason,
    }),
    refusals: ['not_found'],
    answers: { 204: { description: 'Put out.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      const { nick, reason: why } = request.body;
      await deps.transactions.alone(async (tx) => {
        const { room, chat } = await lockRoom(tx, key, request.params.id);
        const found = (await tx.rooms.occupants(room.id)).find((one) => one.present && one.nick === nick);
        const one = found && (await whoIs(tx, room, chat, bareJid(found.jid)));
        if (one?.who === 'operator') await kickOperator(tx, room, one.operator, putOut(key, why));
        else if (one?.who === 'visitor' && chat) await putVisitorOut(tx, room, chat, putOut(key, why));
        else throw new FoyerError('not_found', 'Nobody in this room has this nick who could be put out.');
      });
      return { status: 204 };
    },
  });
}

export function listRoomBansRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/rooms/:id/bans',
    operationId: 'listRoomBans',
    summary: 'Operators who may not come back into a room',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'Bans that hold.', schema: z.object({ bans: z.array(shape) }) } },
    handle: async (request) => {
      const bans = await deps.transactions.alone(async (tx) => {
        const { room } = await lockRoom(tx, keyOf(request), request.params.id);
        return tx.rooms.bans(room.id);
      });
      return { status: 200, body: { bans: bans.map(present) } };
    },
  });
}

export function createRoomBanRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/rooms/:id/bans',
    operationId: 'banFromRoom',
    summary: 'Put an operator out of a room, who can’t come back; visitors are banned by createBan',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    idempotencyKey: true,
    params: idParam,
    body: z.strictObject({
      operator_id: id,
      seconds: z
        .int()
        .min(1)
        .max(BAN_SECONDS_AT_MOST)
        .nullable()
        .default(null)
        .meta({ description: 'How long; null: for as long as there is the room.' }),
      reason,
    }),
    refusals: ['not_found'],
    answers: { 201: { description: 'The ban, in place of an earlier one.', schema: z.object({ ban: shape }) } },
    handle: (request) =>
      once(deps.transactions, request, async (tx) => {
        const key = keyOf(request);
        const { operator_id: operatorId, seconds, reason: why } = request.body;
        const { room } = await lockRoom(tx, key, request.params.id);
        const operator = await activeOperator(tx, key, operatorId);
        const ban = await banOperator(tx, room, operator, putOut(key, why), seconds);
        return { status: 201, body: { ban: present(ban) } };
      }),
  });
}

export function deleteRoomBanRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/rooms/:id/bans/:ban',
    operationId: 'unbanFromRoom',
    summary: 'Lift a ban: the operator may be invited again',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam.extend({ ban: idNumber.meta({ description: 'The id of the ban.' }) }),
    refusals: ['not_found'],
    answers: { 204: { description: 'It holds no longer.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const { room } = await lockRoom(tx, key, request.params.id);
        const ban = (await tx.rooms.bans(room.id)).find((one) => one.id === request.params.ban);
        if (!ban) throw new FoyerError('not_found', 'There is no such ban.');
        await unbanOperator(tx, room, ban, actorOf(key));
      });
      return { status: 204 };
    },
  });
}

/** With its chat, which is locked first. */
async function lockRoom(tx: Tx, { instanceId }: KeyCredential, roomId: number) {
  const found = await tx.rooms.peek(roomId);
  const chat = found?.chatId == null ? undefined : await tx.chats.lock(found.chatId);
  const room: Room | undefined = await tx.rooms.lock(roomId);
  if (room?.instanceId !== instanceId || !isOpenRoom(room))
    throw new FoyerError('not_found', 'There is no such open room.');
  return { room, chat };
}

function putOut(key: KeyCredential, why: string): PutOut {
  return { actor: actorOf(key), by: undefined, reason: why };
}

function present(ban: RoomBan): z.infer<typeof shape> {
  return {
    ...{ id: ban.id, operator_id: ban.operatorId, reason: ban.reason, actor: ban.actor },
    ...{ created_at: ban.createdAt.toISOString(), expires_at: ban.expiresAt?.toISOString() ?? null },
  };
}
