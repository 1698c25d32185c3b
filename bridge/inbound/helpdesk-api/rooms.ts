import { z } from 'zod';
import type { RoomView } from '../../domain/rooms/reads.js';
import { isOpenRoom, ROOM_STATES, roomJid } from '../../domain/rooms/room.js';
import { FoyerError } from '../../shared/errors.js';
import { defineRoute, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber, idParam, limit } from './inputs.js';
import { departmentsOf, keyOf } from './own.js';

const roomState = z.enum(ROOM_STATES as [string, ...string[]]);
const purpose = z.enum(['pool', 'chat', 'group']);

export const roomShape = z
  .object({
    id: z.int(),
    purpose,
    jid: z.string(),
    title: z.string(),
    subject: z.string(),
    state: roomState,
    state_since: time,
    department: z.int().nullable(),
    operator_id: z.int().nullable().meta({ description: 'Who was sent into it, or made it.' }),
    chat_id: z.int().nullable(),
    external_id: z.string().nullable().meta({ description: 'The helpdesk’s own id of a group.' }),
    members: z.array(z.int()).meta({ description: 'Ids of the operators of a group.' }),
    occupants: z.array(z.object({ jid: z.string(), nick: z.string(), role: z.string() })),
    states: z.array(z.object({ state: roomState, reason: z.string(), at: time })),
  })
  .meta({ id: 'Room' });

export function listRoomsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/rooms',
    operationId: 'listRooms',
    summary: 'Rooms, newest first',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    query: z.strictObject({
      state: roomState.optional(),
      open: z.enum(['true', 'false']).default('true').meta({ description: '`false`: those that are over too.' }),
      purpose: purpose.optional(),
      before: idNumber.optional().meta({ description: 'Rooms with a lower id: the next page.' }),
      limit: limit(200, 50),
    }),
    answers: { 200: { description: 'The rooms.', schema: z.object({ rooms: z.array(roomShape) }) } },
    handle: async (request) => {
      const { state, open, purpose: kind, before, limit: most } = request.query;
      const states = ROOM_STATES.filter((one) =>
        state === undefined ? open === 'false' || isOpenRoom({ state: one }) : one === state,
      );
      const key = keyOf(request);
      const filter = { states, purpose: kind, before, limit: most, departmentIds: departmentsOf(key) };
      const views = await deps.roomReads.list(key.instanceId, filter);
      return { status: 200, body: { rooms: views.map(presentRoom) } };
    },
  });
}

export function getRoomRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/rooms/:id',
    operationId: 'getRoom',
    summary: 'A room with who is in it, and every state that it had',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'chats' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 200: { description: 'The room.', schema: z.object({ room: roomShape }) } },
    handle: async (request) => {
      const view = await deps.roomReads.get(keyOf(request).instanceId, request.params.id);
      if (!view) throw new FoyerError('not_found', 'There is no such room.');
      return { status: 200, body: { room: presentRoom(view) } };
    },
  });
}

export function presentRoom({ room, occupants, members, states }: RoomView): z.infer<typeof roomShape> {
  return {
    ...{ id: room.id, purpose: room.purpose, jid: roomJid(room), title: room.title, subject: room.subject },
    ...{ state: room.state, state_since: room.stateSince.toISOString(), department: room.departmentId },
    ...{ operator_id: room.operatorId, chat_id: room.chatId, external_id: room.externalId, members },
    occupants: occupants.map(({ jid, nick, role }) => ({ jid, nick, role })),
    states: states.map(({ state, reason, at }) => ({ state, reason, at: at.toISOString() })),
  };
}
