import { z } from 'zod';
import { HELPDESK_KEY } from '../../domain/helpdesk-events.js';
import type { Operator } from '../../domain/operators/operator.js';
import type { Tx } from '../../domain/ports.js';
import type { KeyCredential } from '../../domain/reads.js';
import { createGroup, postToGroup, removeGroup, renameGroup, setGroupMembers } from '../../domain/rooms/group.js';
import { isOpenRoom, type Room } from '../../domain/rooms/room.js';
import type { RoomMessage } from '../../domain/rooms/store.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { externalId, id, idParam, messageId, name, text } from './inputs.js';
import { activeOperator, actorOf, keyOf } from './own.js';

const MEMBERS_AT_MOST = 200;

const members = z
  .array(id)
  .max(MEMBERS_AT_MOST)
  .refine((ids) => new Set(ids).size === ids.length, 'must each be there once')
  .meta({ description: 'Ids of operators.' });

const groupShape = z.object({ id: z.int(), external_id: z.string().nullable(), title: z.string() });

export const roomMessageShape = z
  .object({
    id: z.int(),
    operator_id: z.int().nullable(),
    author_name: z.string(),
    text: z.string(),
    created_at: time,
  })
  .meta({ id: 'RoomMessage' });

export function createGroupRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/rooms',
    operationId: 'createGroup',
    summary: 'Make a room for a group chat of operators; they are invited',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    body: z.strictObject({
      external_id: externalId.meta({
        description: 'The helpdesk’s own id of the group: the same one again gives the room that there is.',
      }),
      title: name(100),
      members: members.default([]),
    }),
    refusals: ['not_found', 'ejabberd_unavailable'],
    answers: { 201: { description: 'The group.', schema: z.object({ room: groupShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { external_id: external, title, members: ids } = request.body;
      const room = await deps.transactions.alone(async (tx) => {
        const group = {
          instanceId: key.instanceId,
          externalId: external,
          title,
          members: await operators(tx, key, ids),
        };
        const made = await createGroup(tx, group);
        audit(tx, key, 'room.create', made);
        return made;
      });
      return { status: 201, body: { room: { id: room.id, external_id: room.externalId, title: room.title } } };
    },
  });
}

export function renameGroupRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/rooms/:id',
    operationId: 'renameGroup',
    summary: 'Give a group another title',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ title: name(100) }),
    refusals: ['not_found'],
    answers: { 200: { description: 'The group.', schema: z.object({ room: groupShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const room = await deps.transactions.alone(async (tx) => {
        const found = await lockGroup(tx, key, request.params.id);
        await renameGroup(tx, found, request.body.title);
        audit(tx, key, 'room.rename', found);
        return found;
      });
      return { status: 200, body: { room: { id: room.id, external_id: room.externalId, title: room.title } } };
    },
  });
}

export function setMembersRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/rooms/:id/members',
    operationId: 'setGroupMembers',
    summary: 'Say who belongs to a group: these and no others',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({ members }),
    refusals: ['not_found'],
    answers: { 200: { description: 'Who belongs to it now.', schema: z.object({ members: z.array(z.int()) }) } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const room = await lockGroup(tx, key, request.params.id);
        await setGroupMembers(tx, room, await operators(tx, key, request.body.members));
        audit(tx, key, 'room.members', room);
      });
      return { status: 200, body: { members: request.body.members } };
    },
  });
}

export function sendToGroupRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/rooms/:id/messages',
    operationId: 'sendToGroup',
    summary: 'Say in a group’s room what somebody wrote in the helpdesk’s pages',
    tag: 'rooms',
    frequent: true,
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    body: z.strictObject({
      text,
      message_id: messageId,
      operator_id: id.optional().meta({ description: 'Who wrote it, where that is an operator.' }),
      author: name(100).optional().meta({ description: 'The name that the others read, where it isn’t.' }),
    }),
    bodyLimit: 400_000,
    refusals: ['not_found', 'message_too_long'],
    answers: {
      202: { description: 'Stored, and on its way.', schema: z.object({ message: roomMessageShape }) },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { text: words, message_id: message, operator_id: operatorId, author } = request.body;
      return deps.transactions.alone(async (tx) => {
        const room = await lockGroup(tx, key, request.params.id);
        const operator = operatorId === undefined ? null : await activeOperator(tx, key, operatorId);
        const sent = { operator, author: operator?.name ?? author ?? 'Helpdesk', text: words };
        const posted = await postToGroup(tx, deps.chatLimits, room, { ...sent, senderKey: HELPDESK_KEY + message });
        return { status: 202, body: { message: presentRoomMessage(posted) } };
      });
    },
  });
}

export function deleteGroupRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/rooms/:id',
    operationId: 'removeGroup',
    summary: 'Remove the room of a group',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'It is over; who was in it is put out.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      await deps.transactions.alone(async (tx) => {
        const room = await lockGroup(tx, key, request.params.id);
        await removeGroup(tx, room);
        audit(tx, key, 'room.remove', room);
      });
      return { status: 204 };
    },
  });
}

async function lockGroup(tx: Tx, { instanceId }: KeyCredential, roomId: number): Promise<Room> {
  const room = await tx.rooms.lock(roomId);
  if (room?.instanceId !== instanceId || room.purpose !== 'group' || !isOpenRoom(room))
    throw new FoyerError('not_found', 'There is no such group.');
  return room;
}

async function operators(tx: Tx, key: KeyCredential, ids: readonly number[]): Promise<Operator[]> {
  const found: Operator[] = [];
  for (const one of ids) found.push(await activeOperator(tx, key, one));
  return found;
}

function presentRoomMessage(message: RoomMessage): z.infer<typeof roomMessageShape> {
  const { id: number, operatorId, authorName, text: words, createdAt } = message;
  return {
    ...{ id: number, operator_id: operatorId, author_name: authorName, text: words },
    created_at: createdAt.toISOString(),
  };
}

function audit(tx: Tx, key: KeyCredential, action: string, { id: room }: Room): void {
  tx.audit.add({ instanceId: key.instanceId, actor: actorOf(key), action, subject: `room:${room}` });
}
