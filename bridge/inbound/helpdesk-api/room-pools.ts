import { z } from 'zod';
import { removePool, setPool } from '../../domain/rooms/make-room.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idParam } from './inputs.js';
import { actorOf, keyOf } from './own.js';

/** What a pool is like; also what the command line takes. */
export const poolSettings = {
  size: z.int().min(1).max(500).default(10).meta({ description: 'Rooms that stand ready.' }),
  max_rooms: z.int().min(1).max(5000).default(100).meta({ description: 'Rooms at a time, in use or not.' }),
  max_per_operator: z.int().min(1).max(100).default(3).meta({ description: 'Rooms of one operator at a time.' }),
  max_occupants: z.int().min(2).max(200).default(10),
  allocation_seconds: z
    .int()
    .min(10)
    .max(3600)
    .default(300)
    .meta({ description: 'How long an operator may take to come in.' }),
};
const settings = z.strictObject(poolSettings);
const poolShape = z
  .object({
    ...{ size: z.int(), max_rooms: z.int(), max_per_operator: z.int(), max_occupants: z.int() },
    ...{ allocation_seconds: z.int(), department: z.int() },
  })
  .meta({ id: 'RoomPool' });

export function putPoolRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'put',
    path: '/departments/:id/room-pool',
    operationId: 'setRoomPool',
    summary: 'Have a department’s chats take place in rooms that stand ready',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'desks' },
    params: idParam,
    body: settings,
    refusals: ['not_found', 'ejabberd_unavailable'],
    answers: { 200: { description: 'The pool; it is being filled.', schema: z.object({ pool: poolShape }) } },
    handle: async (request) => {
      const key = keyOf(request);
      const { id } = request.params;
      await deps.transactions.alone(async (tx) => {
        await setPool(tx, poolOf(key.instanceId, id, request.body));
        const subject = `department:${id}`;
        const actor = actorOf(key);
        tx.audit.add({
          ...{ instanceId: key.instanceId, actor, action: 'department.room_pool', subject },
          details: request.body,
        });
      });
      return { status: 200, body: { pool: { ...request.body, department: id } } };
    },
  });
}

export function deletePoolRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/departments/:id/room-pool',
    operationId: 'removeRoomPool',
    summary: 'Have a department’s chats take place with contacts again',
    tag: 'rooms',
    auth: { kind: 'key', scope: 'desks' },
    params: idParam,
    refusals: ['not_found'],
    answers: { 204: { description: 'Rooms in which somebody is stay until they are left.', schema: null } },
    handle: async (request) => {
      const key = keyOf(request);
      const { id } = request.params;
      await deps.transactions.alone(async (tx) => {
        await removePool(tx, key.instanceId, id);
        const action = 'department.room_pool_removed';
        tx.audit.add({ instanceId: key.instanceId, actor: actorOf(key), action, subject: `department:${id}` });
      });
      return { status: 204 };
    },
  });
}

export function poolOf(instanceId: number, departmentId: number, given: z.output<typeof settings>) {
  const { size, max_rooms: maxRooms, max_per_operator: maxPerOperator, max_occupants: maxOccupants } = given;
  return {
    ...{ instanceId, departmentId, size, maxRooms, maxPerOperator, maxOccupants },
    allocationSeconds: given.allocation_seconds,
  };
}
