import { FoyerError } from '../../shared/errors.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import type { Room } from './room.js';

/** From which access on somebody may do something in the rooms of a department. */
export type RoomLevel = 'answer' | 'manage';

export const ROOM_LEVELS = ['answer', 'manage'] as const satisfies readonly RoomLevel[];

/** What can be done in rooms. ejabberd holds people to it: whoever may kick moderates the room there, and a moderator may do all of it. */
export interface RoomRights {
  /** Come into the room of any chat of the department, unasked. */
  readonly join: RoomLevel;
  readonly invite: RoomLevel;
  /** Put others out, for now or by a ban. */
  readonly kick: RoomLevel;
  readonly topic: RoomLevel;
}

/** Who belongs to a group its helpdesk says; what it talks about all of them may say. */
const OF_GROUPS: RoomRights = { join: 'manage', invite: 'manage', kick: 'manage', topic: 'answer' };

/** @throws FoyerError `invalid_request` where ejabberd couldn't hold people to them */
export function checkRights({ invite, kick, topic }: RoomRights): void {
  if (kick === 'answer' && (invite === 'manage' || topic === 'manage'))
    throw new FoyerError(
      'invalid_request',
      'Who may kick moderates the room, and so may invite and set the topic too.',
    );
}

export async function rightsOf(tx: Tx, { departmentId }: Pick<Room, 'departmentId'>): Promise<RoomRights> {
  return departmentId === null ? OF_GROUPS : (await tx.queue.department(departmentId)).roomRights;
}

/**
 * Whether an operator may do this in a room. Colleagues of other departments who were invited may what those who answer may, but for coming in unasked; in a
 * group nobody moderates.
 */
export async function mayInRoom(
  tx: Tx,
  room: Pick<Room, 'departmentId'>,
  operator: Operator,
  right: keyof RoomRights,
): Promise<boolean> {
  const { departmentId } = room;
  const level = (await rightsOf(tx, room))[right];
  if (departmentId === null) return level === 'answer';
  const access = (await tx.operators.memberships(operator.id)).find((one) => one.departmentId === departmentId)?.access;
  if (access === undefined) return level === 'answer' && right !== 'join';
  return operator.manager || access === 'manage' || (access === 'answer' && level === 'answer');
}
